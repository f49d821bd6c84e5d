import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateFleet } from "../src/index.ts";

const checkout = join(import.meta.dirname, "../../..");

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "nix-lib-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The value of a Nix expression that sees the flake's `lib` as `ours`, and `host`, which makes a host of a module. */
async function value(expression: string): Promise<unknown> {
  const flags = ["--eval", "--strict", "--json", "--expr"];
  const { stdout } = await execa("nix-instantiate", [...flags, definitions(expression)]);
  return JSON.parse(stdout);
}
const failure = (expression: string) =>
  value(expression).then(
    () => "",
    (error: { stderr: string }) => error.stderr,
  );
const definitions = (expression: string) => `let
  lib = import ${checkout}/packages/testbed/nixpkgs/lib;
  pkgs = import ${checkout}/packages/testbed/nixpkgs { system = "x86_64-linux"; };
  ours = import ${checkout}/nix/lib { inherit lib; };
  plain = module: lib.nixosSystem {
    system = "x86_64-linux";
    modules = [ module { boot.loader.systemd-boot.enable = true; } ];
  };
  host = module: plain { imports = [ ${checkout}/nix/modules module ]; };
  inherit (builtins) mapAttrs attrNames removeAttrs;
  metadata = mapAttrs (_: host: removeAttrs host [ "toplevel" "notes" ]);
in ${expression}`;

describe("mkInventory", () => {
  it("has the deployment metadata of each host, and its toplevel", async () => {
    const inventory = `ours.mkInventory {
      web = host { networking.hostName = "web"; homelab.deploy = { targetHost = "10.0.0.1"; tier = "prod"; }; };
    }`;
    expect(
      await value(
        `let inherit (${inventory}) web; in { inherit (web) targetHost tier role tags; name = web.toplevel.name; }`,
      ),
    ).toEqual({
      targetHost: "10.0.0.1",
      tier: "prod",
      role: null,
      tags: [],
      name: expect.stringMatching(/^nixos-system-web-/),
    });
  });

  it("has the same for a host that imports no module of ours as for one that says nothing", async () => {
    const both = await value("metadata (ours.mkInventory { ours = host { }; foreign = plain { }; })");
    const { ours, foreign } = both as Record<string, object>;
    expect(foreign).toEqual(ours);
  });
});

describe("readers of other tools", () => {
  it("give an inventory of what they are given", async () => {
    const inventories = `{
      deployRs = ours.fromDeployRs {
        nixosConfigurations.web = plain { };
        deploy.nodes.web = { hostname = "web.example.org"; profiles.system.path = "unused"; };
      };
      hive = ours.fromColmena {
        meta.nixpkgs = pkgs;
        web.deployment.targetHost = "web.example.org";
      };
      made = ours.fromColmena { nodes.web = { config.deployment.targetHost = "web.example.org"; }; };
      cachix = ours.fromCachixDeploy { agents.web = pkgs.writeText "nixos-system-web" ""; };
    }`;
    expect(await value(`mapAttrs (_: inventory: inventory.web.targetHost) ${inventories}`)).toEqual({
      deployRs: "web.example.org",
      hive: "web.example.org",
      made: "web.example.org",
      cachix: null,
    });
  });
});

describe("deployChecks", () => {
  const checks = (hosts: string, rest = "") =>
    `mapAttrs (_: check: check.drvPath) (ours.deployChecks { inherit pkgs; nixosConfigurations = { ${hosts} }; ${rest} })`;
  const cache = `cache = host {
    homelab.services.harmonia = { enable = true; domain = "cache.example.org"; acme = true; };
  };`;
  const key = "cache.example.org-1:dR0fuNBWkTZIqGGT7ZRDv0G5G0eYrgLZ6RRyzdRS0bY=";

  it("are derivations for `checks` where nothing is wrong", async () => {
    const hosts = `
      ${cache}
      web = host {
        homelab.deploy = { targetHost = "10.0.0.1"; tier = "prod"; healthChecks = [ { tcp.port = 80; } ]; };
        homelab.nixCache = { enable = true; urls = [ "https://cache.example.org" ]; publicKeys = [ "${key}" ]; };
        services.homelab-deploy.listener = {
          enable = true; tier = "prod"; natsUrl = "nats://nats"; nkeyFile = "/run/secrets/nkey"; flakeUrl = "git+https://git";
          package = pkgs.hello or pkgs.coreutils;
        };
      };
      plain = plain { };`;
    expect(Object.keys((await value(checks(hosts, 'tiers = [ "prod" null ];'))) as object)).toEqual([
      "deploy-addresses",
      "deploy-cache-keys",
      "deploy-schema",
      "deploy-secrets",
      "deploy-tiers",
    ]);
  });

  it.each<[string, string, string, string[]]>([
    [
      "two hosts at one address",
      'a = host { homelab.deploy.targetHost = "B"; }; b = plain { };',
      "deploy-addresses",
      ["a and b: homelab.deploy.targetHost and port lead to b port 22", "an address of its own"],
    ],
    [
      "a tier that is none",
      'web = host { homelab.deploy.tier = "prd"; };',
      "deploy-tiers",
      ['web: homelab.deploy.tier is "prd"', 'one of "prod", "test"'],
    ],
    [
      "an address with a user in it",
      'web = host { homelab.deploy.targetHost = "root@web"; };',
      "deploy-schema",
      ['web: homelab.deploy.targetHost is "root@web"', "homelab.deploy.user"],
    ],
    [
      "two health checks in one",
      'web = host { homelab.deploy.healthChecks = [ { tcp.port = 1; command.run = "true"; } ]; };',
      "deploy-schema",
      ['web: homelab.deploy.healthChecks has a check of ["tcp","command"]', "exactly one of"],
    ],
    [
      "a time to reboot where nothing reboots",
      'web = host { homelab.deploy.rebootAt = "02:00-04:00"; };',
      "deploy-schema",
      ['web: homelab.deploy.rebootAt is "02:00-04:00"', "when-needed"],
    ],
    [
      "a secret in the store",
      `web = plain {
        options.homelab.secrets = lib.mkOption { default.token.file = "\${pkgs.writeText "token" "hush"}"; };
        config.networking.wireguard.interfaces.wg0.privateKeyFile = "\${pkgs.writeText "key" "hush"}";
      };`,
      "deploy-secrets",
      [
        "web: homelab.secrets.token.file is",
        "web: networking.wireguard.interfaces.wg0.privateKeyFile is",
        "on the host",
      ],
    ],
    [
      "a cache whose key is not trusted",
      `${cache} web = host { nix.settings.substituters = [ "https://cache.example.org" ]; };`,
      "deploy-cache-keys",
      ['web: nix.settings.substituters has "https://cache.example.org"', "homelab.nixCache.publicKeys"],
    ],
  ])("tell of %s: host, option, value, and what to do", async (_title, hosts, name, said) => {
    const text = await failure(`(ours.deployChecks {
      inherit pkgs;
      nixosConfigurations = { ${hosts} };
      tiers = [ "prod" "test" ${name === "deploy-tiers" ? "" : "null"} ];
    }).${name}.drvPath`);
    for (const part of [`${name}:`, ...said]) expect(text).toContain(part);
  });

  it("take the inventory of another tool's definition as well", async () => {
    const inventory = `ours.fromDeployRs {
      deploy.nodes = mapAttrs (_: _: { hostname = "same"; profiles.system = { }; }) { a = 1; b = 2; };
    }`;
    expect(
      await failure(
        `(ours.deployChecks { inherit pkgs; inventory = ${inventory}; }).deploy-addresses.drvPath`,
      ),
    ).toContain("a and b: homelab.deploy.targetHost and port lead to same port 22");
  });
});

describe("what others have written", () => {
  it("the sketch of nodes for deploy-rs, made of the configurations, works with the options here", async () => {
    const nodes = `builtins.mapAttrs (name: nixos: {
      hostname = nixos.config.homelab.deploy.targetHost;
      sshUser = "deploy";
      user = "root";
      magicRollback = true;
      autoRollback = true;
      profiles.system.path = nixos.config.system.build.toplevel;
    }) (lib.filterAttrs (name: nixos: nixos.config.homelab.users.deploy.enable or false) self.nixosConfigurations)`;
    const self = `let self.nixosConfigurations = {
      Niko = host {
        homelab.users.deploy = { enable = true; keys = [ "ssh-ed25519 AAAA ci" ]; trustedKeys = [ "k:dR0fuNBWkTZIqGGT7ZRDv0G5G0eYrgLZ6RRyzdRS0bY=" ]; };
        homelab.deploy.targetHost = "192.168.0.10";
        services.openssh.enable = true;
      };
      Template = host { };
    }; in`;
    const asked = `mapAttrs (_: { hostname, profiles, ... }: [ hostname profiles.system.path.name ]) (${nodes})`;
    expect(await value(`${self} ${asked}`)).toEqual({
      Niko: ["192.168.0.10", expect.stringMatching(/^nixos-system-nixos-/)],
    });
  });
});

it("a wrong option is told with its name and its file", async () => {
  const file = join(directory, "homelab.nix");
  const wrong = (name: string, text: string) => {
    writeFileSync(join(directory, `${name}.nix`), text);
    return `${name} = host { imports = [ ${directory}/${name}.nix ]; };`;
  };
  writeFileSync(
    file,
    definitions(`{
      ${wrong("misspelt", '{ homelab.deploy.targethost = "10.0.0.1"; }')}
      ${wrong("mistyped", "{ homelab.deploy.port = true; }")}
    }`),
  );
  const { hosts } = await evaluateFleet({ file }, {}, { signal: new AbortController().signal });
  expect(hosts.misspelt?.evaluationError).toContain("`homelab.deploy.targethost' does not exist");
  expect(hosts.misspelt?.evaluationError).toContain(`${directory}/misspelt.nix`);
  expect(hosts.mistyped?.evaluationError).toContain("`homelab.deploy.port' is not of type");
  expect(hosts.mistyped?.evaluationError).toContain(`${directory}/mistyped.nix`);
});
