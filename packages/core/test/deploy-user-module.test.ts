import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guardScript } from "../src/index.ts";
import { run } from "./deploy-user/site.ts";

const checkout = join(import.meta.dirname, "../../..");
const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X";
const key = `ssh-ed25519 ${blob}`;
const signer = "homelab-1:dR0fuNBWkTZIqGGT7ZRDv0G5G0eYrgLZ6RRyzdRS0bY=";

let directory: string;

// A host with the deploy user and the module `changes`, and of it the value of the Nix expression `asked`.
async function evaluated(changes: string, asked: string) {
  const file = join(directory, "host.nix");
  await writeFile(
    file,
    `let
      lib = import ${checkout}/packages/testbed/nixpkgs/lib;
      base = {
        services.openssh.enable = lib.mkDefault true;
        homelab.users.deploy = {
          enable = true;
          keys = lib.mkDefault [ "${key} ci" ];
          trustedKeys = lib.mkDefault [ "${signer}" ];
        };
      };
      inherit (lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ ${checkout}/nix/modules base (${changes}) ];
      }) config;
    in ${asked}`,
  );
  return run(["nix-instantiate", "--eval", "--strict", "--json", file]);
}
const value = async (changes: string, asked: string) => JSON.parse((await evaluated(changes, asked)).stdout);

describe("homelab.users.deploy", () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "homelab-module-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("makes a user without password, home and rights, who is the one to deploy as", async () => {
    const asked = `{
      user = { inherit (config.users.users.deploy) isSystemUser group home createHome hashedPassword extraGroups; };
      keys = config.users.users.deploy.openssh.authorizedKeys.keys;
      inherit (config.nix.settings) trusted-users trusted-public-keys;
      as = config.homelab.deploy.user;
      sudo = map ({ command, options }: [ command ] ++ options) (builtins.head config.security.sudo.extraRules).commands;
      rules = map ({ users, runAs, ... }: users ++ [ runAs ]) config.security.sudo.extraRules;
    }`;
    expect(await value("{ }", asked)).toEqual({
      user: {
        isSystemUser: true,
        group: "deploy",
        home: "/var/empty",
        createHome: false,
        hashedPassword: "*",
        extraGroups: [],
      },
      keys: [`restrict,command="/run/current-system/sw/bin/homelab-activate gate" ${key} ci`],
      "trusted-users": ["root"],
      "trusted-public-keys": [signer],
      as: "deploy",
      sudo: [["/run/current-system/sw/bin/homelab-activate", "NOPASSWD"]],
      rules: [["deploy", "root"]],
    });
  });

  it("leaves a login without the gate what sshd can restrict", async () => {
    const keys = "config.users.users.deploy.openssh.authorizedKeys.keys";
    expect(await value("{ homelab.users.deploy.forcedCommand = false; }", keys)).toEqual([
      `restrict ${key} ci`,
    ]);
  });

  it("leaves a host alone that does not ask for it", async () => {
    const asked =
      "[ (config.users.users ? deploy) config.security.sudo.extraRules config.homelab.deploy.user ]";
    expect(await value("{ homelab.users.deploy.enable = lib.mkForce false; }", asked)).toEqual([
      false,
      [],
      null,
    ]);
  });

  it.each([
    ["without a key to log in with", "{ homelab.users.deploy.keys = [ ]; }", "keys is empty"],
    [
      "without a key that signs systems",
      "{ homelab.users.deploy.trustedKeys = [ ]; }",
      "trustedKeys is empty",
    ],
    ["that is root", '{ homelab.users.deploy.user = "root"; }', "user is root"],
    ["whom Nix trusts", '{ nix.settings.trusted-users = [ "root" "deploy" ]; }', "trusted-users has deploy"],
    ["among all, whom Nix trusts", '{ nix.settings.trusted-users = [ "*" ]; }', "trusted-users has deploy"],
    [
      "whom Nix keeps out",
      '{ homelab.users.deploy.forcedCommand = false; nix.settings.allowed-users = [ "root" ]; }',
      "allowed-users keeps deploy out",
    ],
    ["on a host without sshd", "{ services.openssh.enable = false; }", "needs services.openssh.enable"],
    ["on a host without sudo", "{ security.sudo.enable = false; }", "needs security.sudo.enable"],
    [
      "with options of sshd before a key",
      `{ homelab.users.deploy.keys = [ 'permitopen="*:*" ${key}' ]; }`.replaceAll("'", "''"),
      "homelab.users.deploy.keys",
    ],
    [
      "with two keys in one",
      `{ homelab.users.deploy.keys = [ "${key}\\n${key}" ]; }`,
      "homelab.users.deploy.keys",
    ],
    [
      "with a secret key in the place of a public one",
      '{ homelab.users.deploy.trustedKeys = [ "homelab-1:AAAA==" ]; }',
      "homelab.users.deploy.trustedKeys",
    ],
  ])("refuses a user %s", async (_title, changes, message) => {
    const { exitCode, text } = await evaluated(changes, "config.system.build.toplevel.drvPath");
    expect(exitCode).not.toBe(0);
    expect(text).toContain(message);
  });

  it("warns of a key that opens more than this", async () => {
    const root = `{ users.users.root.openssh.authorizedKeys.keys = [ "no-pty ${key} laptop" ]; }`;
    expect(await value(root, "config.warnings")).toEqual([expect.stringContaining("also logs in as root")]);
    expect(await value("{ }", "config.warnings")).toEqual([]);
  });

  it("installs the very guard that controllers send along, with its keys before it", async () => {
    const asked =
      'map (p: p) (builtins.filter (p: p.name == "homelab-activate") config.environment.systemPackages)';
    await evaluated("{ }", asked);
    const built = await run(["nix-build", "--no-out-link", join(directory, "host.nix")]);
    const wrapper = await readFile(`${built.stdout.trim()}/bin/homelab-activate`, "utf8");
    expect(wrapper).toContain(`HOMELAB_RESTRICTED_KEYS='${signer}'`);
    const guard = /\/bin\/sh (\/nix\/store\/\S+) "\$@"/.exec(wrapper)?.[1] ?? "";
    expect(await readFile(guard, "utf8")).toBe(guardScript());
  });
});
