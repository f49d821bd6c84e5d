import { describe, expect, it } from "vitest";
import { createCall, createMemoryFleet, toplevel } from "../../test/support/memory-hosts.ts";
import type { ProviderConfig } from "../definitions/provider-config.ts";
import { createEvaluations } from "../fleet/evaluations.ts";
import { type Properties, Secret, unknown } from "../values.ts";
import { checkHost } from "./check.ts";

const fleet = {
  web01: { toplevel: toplevel(1), system: "x86_64-linux", tier: "prod", goal: "boot" as const },
  broken: { evaluationError: "undefined variable 'x'" },
};

function check(news: Properties, config: ProviderConfig = {}, name = "web01") {
  const { asked, evaluateFleet } = createMemoryFleet(fleet);
  const evaluations = createEvaluations(evaluateFleet, 0);
  const address = { stack: "test", project: "demo", name };
  return checkHost({ address, news }, { config, evaluations }, createCall()).then((result) => ({
    ...result,
    asked,
  }));
}

const path = toplevel(1);

describe("check of a host", () => {
  it("fills in the name of the resource and the goal", async () =>
    expect(await check({ toplevel: path })).toEqual({
      inputs: { attribute: "web01", goal: "switch", toplevel: path },
      failures: [],
      asked: [],
    }));

  it("takes a host of getFleet as it is", async () => {
    const news = {
      name: "db01",
      toplevel: path,
      platform: "x86_64-linux",
      tags: ["a"],
      connection: { ssh: { host: null, port: 22 } },
      role: null,
    };
    const { inputs, failures } = await check(news);
    expect(failures).toEqual([]);
    expect(inputs).toEqual({
      attribute: "db01",
      goal: "switch",
      toplevel: path,
      platform: "x86_64-linux",
      tags: ["a"],
      connection: { ssh: { port: 22 } },
    });
  });

  it("accepts what is not known yet", async () => {
    const { inputs, failures } = await check({ toplevel: unknown, connection: { ssh: { host: unknown } } });
    expect(failures).toEqual([]);
    expect(inputs.toplevel).toBe(unknown);
  });

  it("keeps secrets secret", async () => {
    const connection = new Secret({ ssh: { host: "10.0.0.1" } });
    expect((await check({ toplevel: path, connection })).inputs.connection).toEqual(connection);
  });

  it.each<[string, Properties, string, RegExp]>([
    ["a store path with shell syntax", { toplevel: `${path}$(id)` }, "toplevel", /not a store path/],
    ["a path outside the store", { toplevel: "/etc/passwd" }, "toplevel", /not a store path/],
    [
      "an address that ssh reads as a flag",
      { connection: { ssh: { host: "-oProxyCommand=id" } } },
      "connection.ssh.host",
      /-oProxyCommand=id/,
    ],
    [
      "an address with a newline",
      { connection: { ssh: { host: "a\nProxyCommand id" } } },
      "connection.ssh.host",
      /not a host name/,
    ],
    [
      "a user that ssh reads as a flag",
      { connection: { ssh: { user: "-l" } } },
      "connection.ssh.user",
      /not a user name/,
    ],
    ["an attribute with a quote", { attribute: 'a"b' }, "attribute", /not a host name/],
    ["a name with a space", { name: "a b" }, "attribute", /not a host name/],
    ["a flake that Nix reads as a flag", { flake: "--expr" }, "flake", /--expr/],
    [
      "a duration without unit",
      { rollback: { confirmTimeout: "30" } },
      "rollback.confirmTimeout",
      /not a duration/,
    ],
    ["a goal that does not exist", { goal: "reboot" }, "goal", /dry-activate/],
    ["an input that does not exist", { adress: "x" }, "adress", /no such property; it has attribute/],
    [
      "an input of a connection that does not exist",
      { connection: { ssh: { key: 1 } } },
      "connection.ssh",
      /key/,
    ],
    [
      "an override of an input that cannot exist",
      { overrideInputs: { "a b": "x" } },
      'overrideInputs["a b"]',
      /not the name of a flake input/,
    ],
    ["two sources", { flake: ".", file: "hosts.nix" }, "file", /not by both/],
  ])("refuses %s", async (_title, news, property, reason) => {
    const { failures } = await check({ toplevel: path, ...news });
    expect(failures).toEqual([{ property, reason: expect.stringMatching(reason) }]);
  });

  it("shows no secret when it refuses one", async () => {
    const { failures } = await check({
      toplevel: path,
      connection: { ssh: { user: new Secret("- poison -") } },
    });
    expect(failures).toHaveLength(1);
    expect(JSON.stringify(failures)).not.toContain("poison");
  });

  it("asks for an attribute when the resource's name is no host name", async () => {
    const { failures } = await check({ toplevel: path }, {}, "web 01");
    expect(failures).toEqual([
      { property: "attribute", reason: expect.stringContaining("give the host's as attribute") },
    ]);
  });

  it("makes a password a secret", async () => {
    const connection = { ssh: { user: "anna", sudoPassword: "text" } };
    expect((await check({ toplevel: path, connection })).inputs.connection).toEqual({
      ssh: { user: "anna", sudoPassword: new Secret("text") },
    });
  });

  it("asks for a toplevel when there is no source either", async () =>
    expect((await check({})).failures).toEqual([
      { property: "toplevel", reason: expect.stringContaining("flake or file") },
    ]));

  it("evaluates a host that comes without a toplevel", async () => {
    const { inputs, asked } = await check({ flake: ".", tier: "test" });
    expect(asked).toEqual([{ source: { flake: "." }, selection: { names: ["web01"] } }]);
    expect(inputs).toEqual({
      attribute: "web01",
      flake: ".",
      toplevel: path,
      platform: "x86_64-linux",
      tier: "test",
      goal: "boot",
    });
  });

  it("evaluates from the provider's source", async () => {
    const { asked } = await check(
      {},
      { flake: "git+https://example.org/x", overrideInputs: { nixpkgs: "path:/x" } },
    );
    expect(asked[0]?.source).toEqual({
      flake: "git+https://example.org/x",
      overrideInputs: { nixpkgs: "path:/x" },
    });
  });

  it("leaves the toplevel open while the flake is not known", async () => {
    const { inputs, asked } = await check({ flake: unknown });
    expect(inputs.toplevel).toBe(unknown);
    expect(asked).toEqual([]);
  });

  it("keeps an evaluation error for the update to fail with", async () =>
    expect((await check({ flake: ".", attribute: "broken" })).inputs).toMatchObject({
      evaluationError: "undefined variable 'x'",
    }));
});
