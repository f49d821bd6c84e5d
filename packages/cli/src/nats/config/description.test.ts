import { createUserKey } from "@homelab-deploy/core/nats";
import { describe, expect, it } from "vitest";
import { parseDescription } from "./description.ts";
import { withHostsOf } from "./inventory.ts";
import { renderConfig } from "./render.ts";
import { usersOf } from "./users.ts";

const { publicKey: key, seed } = createUserKey();
const noKey = async () => undefined;
const madeKey = async () => createUserKey().publicKey;

describe("the description of a NATS server", () => {
  it("needs no more than its users", () =>
    expect(parseDescription("admins: { alice: }", "nats.yaml")).toEqual({
      listen: "0.0.0.0:4222",
      hosts: {},
      deployers: {},
      assistants: {},
      admins: { alice: {} },
    }));

  it.each([
    ["a host without a tier", "hosts: { web01: {} }", "hosts.web01.tier: "],
    ["a name that is several parts of a subject", "hosts: { web01.lan: { tier: prod } }", "not a name"],
    ["a name that is a wildcard", 'hosts: { "*": { tier: prod } }', "not a name"],
    ["a tier that is a wildcard", 'hosts: { web01: { tier: ">" } }', "hosts.web01.tier: not a name"],
    ["a host called as all hosts are", "hosts: { all: { tier: prod } }", "a word of the protocol"],
    ["a tier called as answers are", "deployers: { x: { tier: responses } }", "a word of the protocol"],
    ["what is no key", "admins: { alice: { key: U } }", "admins.alice.key: not the public NKey"],
    ["what it does not know", "users: {}", "users"],
    [
      "a path that ends the line",
      'tls: { certFile: "/a\\nb", keyFile: /k }',
      "tls.certFile: not an absolute path",
    ],
    ["an address without a port", "listen: localhost", "listen: not an address and a port"],
    ["what is no YAML", "hosts: {", "nats.yaml: "],
  ])("refuses %s", (_title, text, reason) => {
    const refusal = expect.objectContaining({
      code: "invalid-input",
      message: expect.stringMatching(/^nats\.yaml: /),
    });
    expect(() => parseDescription(text, "nats.yaml")).toThrow(refusal);
    expect(() => parseDescription(text, "nats.yaml")).toThrow(reason);
  });

  it("refuses a seed in the place of a key, and does not show it", () => {
    const parse = () => parseDescription(`admins: { alice: { key: ${seed} } }`, "nats.yaml");
    expect(parse).toThrow("which is secret");
    expect(parse).not.toThrow(seed.slice(5, 20));
  });

  it("has a key of its own for everybody", async () => {
    const twice = parseDescription(`admins: { alice: { key: ${key} }, bob: { key: ${key} } }`, "nats.yaml");
    await expect(usersOf(twice, noKey)).rejects.toThrow("the admin bob has the key of the admin alice");
    const none = parseDescription("deployers: { ci: { tier: prod } }", "nats.yaml");
    await expect(usersOf(none, noKey)).rejects.toThrow("the deployer ci has no key");
  });
});

describe("hosts of a flake", () => {
  const described = parseDescription(`hosts: { web01: { tier: test, key: ${key} } }`, "nats.yaml");
  const fleet = (host: object) => ({
    hosts: { web01: { name: "web01" }, dns01: { name: "dns01", ...host } },
  });

  it("join those of the file, which win", () =>
    expect(withHostsOf(fleet({ tier: "prod", role: "dns" }), described).hosts).toEqual({
      web01: { tier: "test", key },
      dns01: { tier: "prod", role: "dns" },
    }));

  it.each([
    ["without a tier", {}, "the host dns01 has no tier"],
    ["that do not evaluate", { evaluationError: "attribute missing" }, "attribute missing"],
    ["in a tier that is no word", { tier: "a.b" }, "not a name over NATS"],
  ])("are refused %s", (_title, host, reason) =>
    expect(() => withHostsOf(fleet(host), described)).toThrow(reason),
  );
});

describe("the configuration", () => {
  const rendered = async (text: string) => {
    const description = parseDescription(text, "nats.yaml");
    return renderConfig(description, await usersOf(description, madeKey));
  };

  it("has an account for each tier, and none for admins where there are none", async () => {
    const config = await rendered("hosts: { web01: { tier: prod } }\nassistants: { desk: }");
    expect(config.match(/^ {2}"\S+" \{/gm)).toEqual(['  "tier-prod" {', '  "tier-test" {']);
    expect(config).not.toContain("exports");
  });

  it("has TLS, and certificates of clients, where the description says so", async () => {
    const tls = await rendered("tls: { certFile: /s.crt, keyFile: /s.key }");
    expect(tls).toContain('tls {\n  cert_file: "/s.crt"\n  key_file: "/s.key"\n}\n');
    expect(await rendered("tls: { certFile: /s.crt, keyFile: /s.key, caFile: /ca.crt }")).toContain(
      '  ca_file: "/ca.crt"\n  verify: true\n}\n',
    );
    expect(await rendered("{}")).toContain("# No TLS");
  });

  it("has JetStream, up to a size, where the description says so", async () => {
    const config = await rendered("jetstream: { maxStorage: 2GiB }\nhosts: { web01: { tier: prod } }");
    expect(config).toContain("max_file_store: 2147483648");
    expect(config).toContain("jetstream: enabled");
    expect(await rendered("hosts: { web01: { tier: prod } }")).not.toContain("jetstream: enabled");
  });
});
