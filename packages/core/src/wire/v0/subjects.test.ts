import { describe, expect, it } from "vitest";
import { deploySubjectTemplates, expandSubjects, isHostSubject } from "./subjects.ts";

const values = { hostname: "ns1", tier: "prod", role: "dns" };

describe("subjects of a listener", () => {
  it("are those of its host, its tier and its role", () =>
    expect(expandSubjects(deploySubjectTemplates, values)).toEqual([
      "deploy.prod.ns1",
      "deploy.prod.all",
      "deploy.prod.role.dns",
    ]));
  it("leave out the role of a host that has none", () =>
    expect(expandSubjects(deploySubjectTemplates, { ...values, role: undefined })).toEqual([
      "deploy.prod.ns1",
      "deploy.prod.all",
    ]));
  it("can be other ones, with wildcards", () =>
    expect(expandSubjects(["lab.<hostname>.<tier>", "lab.*.all", "lab.all", "lab.all"], values)).toEqual([
      "lab.ns1.prod",
      "lab.*.all",
      "lab.all",
    ]));
  it.each(["deploy.<host>", "deploy..x", "a b", "$JS.API.>", "deploy.>.x", "deploy.a*", ""])(
    "%j is none",
    (template) => expect(() => expandSubjects([template], values)).toThrow(/not a NATS subject|no variable/),
  );
  it.each([
    ["deploy.prod.ns1", true],
    ["deploy.prod.ns1.example.com", true],
    ["deploy.prod.role", true],
    ["deploy.prod.all", false],
    ["deploy.prod.role.dns", false],
    ["lab.everything", false],
  ])("%s is that of one host: %s", (subject, expected) => expect(isHostSubject(subject)).toBe(expected));
});
