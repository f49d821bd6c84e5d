import { describe, expect, it } from "vitest";
import { resolveSubject } from "./alias.ts";

const environment = {
  HOMELAB_DEPLOY_ALIAS_TEST: "deploy.test.all",
  HOMELAB_DEPLOY_ALIAS_PROD_DNS: "deploy.prod.role.dns",
  HOMELAB_DEPLOY_ALIAS_BAD: "deploy.>",
};

describe("the subject of a deployment", () => {
  it.each([
    ["test", "deploy.test.all"],
    ["prod-dns", "deploy.prod.role.dns"],
    ["Prod-DNS", "deploy.prod.role.dns"],
    ["deploy.prod.myhost", "deploy.prod.myhost"],
  ])("%s is %s", (name, subject) => expect(resolveSubject(name, environment)).toBe(subject));
  it.each([
    ["staging", /neither a subject nor an alias: staging/],
    ["bad", /HOMELAB_DEPLOY_ALIAS_BAD: not a NATS subject/],
    ["deploy.prod.*", /not a NATS subject/],
    ["$JS.API.STREAM.DELETE.x", /not a NATS subject/],
    ["", /not a NATS subject/],
  ])("%j is none", (name, reason) => expect(() => resolveSubject(name, environment)).toThrow(reason));
});
