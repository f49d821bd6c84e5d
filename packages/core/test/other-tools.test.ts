import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateFleet, type FleetSource } from "../src/index.ts";

const { signal } = new AbortController();
const flakes = join(import.meta.dirname, "other-tools");
const nixpkgs = `path:${join(import.meta.dirname, "../../testbed/nixpkgs")}`;
const tool = (name: string) => `path:${join(flakes, "tools", name)}`;
const inputs = {
  "deploy-rs": { "deploy-rs": tool("deploy-rs"), "deploy-rs/nixpkgs": nixpkgs },
  colmena: { colmena: tool("colmena") },
  cachix: { "cachix-deploy-flake": tool("cachix-deploy-flake") },
};

let directory: string;
const cacheHome = process.env.XDG_CACHE_HOME;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "other-tools-"));
  process.env.XDG_CACHE_HOME = join(directory, "cache");
});
afterAll(() => {
  rmSync(directory, { recursive: true });
  if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheHome;
});

async function evaluate(source: FleetSource, names?: readonly string[]) {
  const notes: string[] = [];
  const { hosts } = await evaluateFleet(
    source,
    { names },
    { signal, onNote: (note) => void notes.push(note) },
  );
  return { hosts, names: Object.keys(hosts), notes };
}
const flake = (name: string, overrides: Record<string, string> = {}, names?: readonly string[]) =>
  evaluate({ flake: `path:${join(flakes, name)}`, overrideInputs: { nixpkgs, ...overrides } }, names);

const system = (name: string) => ({
  toplevel: expect.stringMatching(`^/nix/store/[^/]+-nixos-system-${name}-[^/]+$`),
  derivation: expect.stringMatching(`^/nix/store/[^/]+-nixos-system-${name}-[^/]+\\.drv$`),
  system: "x86_64-linux",
});
const outputOf = (derivation: string | undefined) =>
  execFileSync("nix-store", ["--query", "--outputs", derivation ?? ""], { encoding: "utf8" }).trim();

describe("a flake of deploy-rs, with nothing changed in it,", () => {
  it("as documented: its nodes are the hosts, and its other configurations are left alone", async () => {
    const { hosts, names, notes } = await flake("deploy-rs", inputs["deploy-rs"]);
    expect(names).toEqual(["web"]);
    expect(hosts.web).toEqual({
      name: "web",
      ...system("web"),
      connection: { ssh: { host: "web.example.org" } },
    });
    expect(notes).toEqual([]);
  });

  it("lends a configuration that is no node when it is asked for by name", async () => {
    const { hosts } = await flake("deploy-rs", inputs["deploy-rs"], ["installer"]);
    expect(hosts.installer?.evaluationError).toContain("an image that nobody asked for");
  });

  it("with settings at every level and profiles of users: what fits is taken, the rest is told", async () => {
    const { hosts, names, notes } = await flake("deploy-rs-profiles", inputs["deploy-rs"]);
    expect(names.sort()).toEqual(["example", "trial", "wrong"]);
    expect(hosts.example).toEqual({
      name: "example",
      ...system("example"),
      connection: { ssh: { host: "localhost", port: 2221, user: "admin" } },
      buildOn: "target",
      rollback: { confirmTimeout: "60s", activationTimeout: "600s", unhealthy: "warn" },
    });
    expect(hosts.trial).toEqual({
      name: "trial",
      ...system("db"),
      connection: { ssh: { host: "db.example.org", user: "deployer" } },
      rollback: { confirmTimeout: "60s" },
    });
    expect(hosts.wrong?.evaluationError).toContain(
      "deploy.nodes.wrong: its profile system is not the activate.nixos",
    );
    expect(notes).toEqual([
      "deploy.nodes.desk is left out: it has no profile called system, and only NixOS systems are deployed",
      "deploy.nodes.example: of its profiles only system is deployed, and not hello",
    ]);
  });

  it("gives the very system that a node of another name activates, and its derivation", async () => {
    const { hosts } = await flake("deploy-rs-profiles", inputs["deploy-rs"], ["example", "db", "trial"]);
    expect(hosts.trial?.toplevel).toBe(hosts.db?.toplevel);
    expect(hosts.trial?.derivation).toBe(hosts.db?.derivation);
    expect(outputOf(hosts.example?.derivation)).toBe(hosts.example?.toplevel);
  });
});

describe("a hive of colmena, with nothing changed in it,", () => {
  it("as documented, an output colmenaHive", async () => {
    const { hosts } = await flake("colmena-hive", inputs.colmena);
    expect(hosts).toEqual({
      "host-a": { name: "host-a", ...system("nixos"), connection: { ssh: { host: "host-a" } } },
      "host-b": {
        name: "host-b",
        ...system("nixos"),
        connection: { ssh: { host: "somehost.tld", port: 1234, user: "luser" } },
      },
    });
  });

  it("as an output colmena: nodes know each other, each has its packages and arguments", async () => {
    const { hosts, names, notes } = await flake("colmena");
    expect(names).toEqual(["host-a", "host-b", "laptop"]);
    expect(hosts["host-a"]).toMatchObject({
      ...system("host-a"),
      connection: { ssh: { host: "host-a", user: "root" } },
    });
    expect(hosts["host-b"]).toEqual({
      name: "host-b",
      ...system("b"),
      system: "aarch64-linux",
      connection: { ssh: { host: "host-b.mydomain.tld", port: 1234 } },
      tags: ["web", "infra-lax"],
      buildOn: "target",
    });
    expect(notes).toEqual([
      "deployment.keys of host-a are not brought to the host: token.secret",
      "deployment.targetHost of laptop is null, for colmena apply-local; here it is reached under its name",
    ]);
    execFileSync("nix-store", ["--realise", hosts["host-a"]?.derivation ?? ""], { stdio: "pipe" });
    const etc = (file: string) => readFileSync(join(hosts["host-a"]?.toplevel ?? "", "etc", file), "utf8");
    expect([etc("neighbour"), etc("greeting"), etc("key")]).toEqual([
      "b in America/Los_Angeles",
      "hello",
      "/run/keys/token.secret",
    ]);
  });

  it("as a plain file hive.nix", async () => {
    const file = join(directory, "hive.nix");
    writeFileSync(
      file,
      `import ${join(flakes, "colmena/hive.nix")} // {
        meta = { nixpkgs = ${join(import.meta.dirname, "../../testbed/nixpkgs")}; specialArgs.zone = "UTC"; };
      }`,
    );
    const { hosts, names } = await evaluate({ file }, ["host-b"]);
    expect(names).toEqual(["host-b"]);
    expect(hosts["host-b"]).toMatchObject({ ...system("b"), tags: ["web", "infra-lax"] });
  });
});

describe("a specification of Cachix Deploy, with nothing changed in it,", () => {
  it("as documented, the default package of a flake", async () => {
    const { hosts } = await flake("cachix-deploy", inputs.cachix);
    expect(hosts).toEqual({
      myagent: { name: "myagent", ...system("myagent") },
      other: { name: "other", ...system("other") },
    });
    expect(outputOf(hosts.other?.derivation)).toBe(hosts.other?.toplevel);
  });

  it("as the JSON that was made of it: says that this is not enough to build from", async () => {
    const file = join(directory, "spec.nix");
    const path = `/nix/store/${"a".repeat(32)}-nixos-system-myagent`;
    writeFileSync(file, `builtins.fromJSON ''${JSON.stringify({ agents: { myagent: path } })}''`);
    expect((await evaluate({ file })).hosts.myagent?.evaluationError).toContain(
      `the agent myagent is ${path}, and how it is built is not known`,
    );
  });
});

describe("what homelab.deploy says", () => {
  it("wins over what another tool's definition says, field by field", async () => {
    const file = join(directory, "both.nix");
    const repository = join(import.meta.dirname, "../../..");
    writeFileSync(
      file,
      `let
        lib = import ${repository}/packages/testbed/nixpkgs/lib;
        web = lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            ${repository}/nix/modules
            {
              boot.loader.systemd-boot.enable = true;
              homelab.deploy = { targetHost = "10.0.0.1"; tier = "prod"; rollback.confirmTimeout = "10s"; };
            }
          ];
        };
      in {
        nixosConfigurations.web = web;
        deploy.nodes.web = {
          hostname = "web.example.org";
          sshUser = "admin";
          confirmTimeout = 60;
          activationTimeout = 600;
          profiles.system.path = "unused";
        };
      }`,
    );
    expect((await evaluate({ file })).hosts.web).toMatchObject({
      tier: "prod",
      connection: { ssh: { host: "10.0.0.1", user: "admin" } },
      rollback: { confirmTimeout: "10s", activationTimeout: "600s" },
    });
  });
});

it("a flake without hosts says what was looked for", async () => {
  writeFileSync(join(directory, "flake.nix"), "{ outputs = _: { }; }");
  await expect(evaluate({ flake: `path:${directory}` })).rejects.toThrow(
    /the flake has no hosts: none of nixosConfigurations, deploy\.nodes/,
  );
});

it.each(["-p 2221", "-p2221", "-v -o Port=2221", "-oPort=2221 -i key"])(
  "the port of deploy-rs is known from sshOpts %s",
  async (options) => {
    const file = join(directory, "port.nix");
    writeFileSync(
      file,
      `{ nixosConfigurations.a.config.system.build.toplevel = derivation { name = "a"; system = "x86_64-linux"; builder = "/bin/sh"; };
       deploy.nodes.a = { hostname = "a"; sshOpts = builtins.fromJSON ''${JSON.stringify(options.split(" "))}''; profiles.system.path = "unused"; }; }`,
    );
    expect((await evaluate({ file })).hosts.a?.connection).toEqual({ ssh: { host: "a", port: 2221 } });
  },
);
