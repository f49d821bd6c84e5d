import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { type Properties, Secret, unknown } from "../values.ts";
import { checkConfig, diffConfig } from "./check.ts";
import { createKeyFile } from "./key-file.ts";
import { parseConfig } from "./parse.ts";

const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----";

describe("the provider's configuration", () => {
  const parsed = {
    flake: ".",
    connection: { ssh: { user: "deploy", port: 2222 } },
    hosts: { web01: { host: "10.0.0.1" } },
    refreshBeforeUpdate: true,
  };

  it("is read from a program as it is", () =>
    expect(parseConfig(parsed)).toEqual({ values: parsed, failures: [] }));

  it("is read from a stack's configuration as JSON", () => {
    const texts = Object.entries(parsed).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    expect(parseConfig(Object.fromEntries(texts))).toEqual({ values: parsed, failures: [] });
  });

  it("is read through secrets, without what belongs to the engine", () =>
    expect(
      parseConfig({ connection: new Secret('{"ssh":{"user":"u"}}'), version: "0.1.0", __internal: {} }),
    ).toEqual({ values: { connection: { ssh: { user: "u" } } }, failures: [] }));

  it("may hold what is not known yet", () =>
    expect(parseConfig({ flake: unknown })).toEqual({ values: {}, failures: [] }));

  it.each<[string, Properties, string]>([
    ["a host name that is none", { hosts: { "a b": { host: "x" } } }, 'hosts["a b"]'],
    ["an address with a flag", { hosts: '{"web01":{"host":"-x"}}' }, "hosts.web01.host"],
    ["text that is no JSON", { connection: "{" }, "connection"],
    ["a key that is none", { identity: "secret text" }, "identity"],
    ["a signing key that is none", { signingKey: "key-1:secret text" }, "signingKey"],
    [
      "a password with a line end",
      { connection: { ssh: { sudoPassword: "secret text\nx" } } },
      "connection.ssh.sudoPassword",
    ],
    ["a cache that is a flag", { cache: { to: "ssh-ng://-oProxyCommand=id" } }, "cache.to"],
    ["a cache that is no store", { cache: { to: "--all" } }, "cache.to"],
    ["a setting that does not exist", { user: "x" }, "user"],
    ["two sources", { flake: ".", file: "x.nix" }, "file"],
  ])("refuses %s", (_title, news, property) => {
    const { failures } = checkConfig(news);
    expect(failures.map((failure) => failure.property)).toEqual([property]);
    expect(JSON.stringify(failures)).not.toContain("secret text");
  });

  it("makes a private key a secret, however it was given", () => {
    expect(checkConfig({ identity: key }).inputs).toEqual({ identity: new Secret(key) });
    expect(checkConfig({ identity: new Secret(key) }).inputs).toEqual({ identity: new Secret(key) });
  });

  it("makes a signing key and a password secrets, however they were given", () => {
    const signingKey = `key-1:${"A".repeat(86)}==`;
    const connection = { ssh: { user: "anna", sudoPassword: "secret text" } };
    const hosts = { web01: { sudoPassword: "other text", port: 22 } };
    const marked = {
      signingKey: new Secret(signingKey),
      connection: { ssh: { user: "anna", sudoPassword: new Secret("secret text") } },
      hosts: { web01: { sudoPassword: new Secret("other text"), port: 22 } },
    };
    expect(checkConfig({ signingKey, connection, hosts })).toEqual({ inputs: marked, failures: [] });
    expect(checkConfig(marked)).toEqual({ inputs: marked, failures: [] });
    const texts = { connection: JSON.stringify(connection), hosts: '{"web01":{"port":22}}' };
    expect(checkConfig(texts).inputs).toEqual({ ...texts, connection: new Secret(texts.connection) });
  });

  it("never replaces the provider, whatever changes", () =>
    expect(
      diffConfig(
        { flake: ".", file: "x", identity: new Secret(key) },
        { flake: "..", identity: key, hosts: "{}" },
      ),
    ).toEqual({
      flake: { kind: "update", inputDiff: true },
      file: { kind: "delete", inputDiff: true },
      hosts: { kind: "add", inputDiff: true },
    }));
});

describe("the file of a private key", () => {
  it("is written when needed, for this user only, and removed", () => {
    const file = createKeyFile("identity", key);
    const path = file.path() ?? "";
    expect(file.path()).toBe(path);
    expect(readFileSync(path, "utf8")).toBe(`${key}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    file.remove();
    expect(existsSync(dirname(path))).toBe(false);
  });

  it("does not exist without a key", () =>
    expect(createKeyFile("identity", undefined).path()).toBeUndefined());
});
