import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createBuilder, evaluateFleet } from "@homelab-deploy/core";
import { execa } from "execa";
import { checkout } from "./checkout.ts";

/**
 * How a host was installed: with none of our modules and root's key; with our module and a deploy user; or with a listener,
 * over which alone it is deployed.
 */
export const kinds = ["plain", "restricted", "nats"] as const;
export type Kind = (typeof kinds)[number];

/** A system that is built, and how a program names it. */
export interface System {
  /** By which its places to wait and to fail are called. */
  readonly name: string;
  readonly toplevel: string;
  readonly derivation: string;
}

/** What runs on hosts of one kind. */
export interface Systems {
  /** Systems that a host goes through, one after another and around. */
  readonly turns: readonly System[];
  /** One with another kernel, which needs a reboot. */
  readonly otherKernel: System;
  /** One whose kernel does not come up. */
  readonly panicking: System;
  /** With what its hosts are deployed, where that is not root's key. */
  readonly deployer?: Deployer;
}

export interface Deployer {
  /** The private key of the user who may deploy, and nothing else. */
  readonly identityFile: string;
  /** Text of the secret key that signs closures. */
  readonly signingKey: string;
}

/** What starts the listener of a host that has one. */
export const listenerProgram = "/opt/homelab-deploy/listen";

const turns = ["alder", "birch", "cedar"] as const;
const kernels = { dogwood: "linuxPackages_6_15", elm: "linuxPackages_panics" } as const;

/**
 * Builds the systems that take turns on hosts of `kind`. All alike, each can be held and made to fail in all that it
 * does, by files below /run/faults of the host, which a restart of the host removes.
 */
export async function buildSystems(kind: Kind, directory: string): Promise<Systems> {
  const { signal } = new AbortController();
  const own = join(directory, kind);
  await mkdir(own, { recursive: true });
  const keys = await makeKeys(own);
  const file = join(own, "default.nix");
  await writeFile(file, text(modules[kind](keys.public)));
  const { hosts } = await evaluateFleet({ file }, {}, { signal });
  const builder = createBuilder();
  const build = async (host: string): Promise<System> => {
    const { name, toplevel, derivation, evaluationError } = hosts[host] ?? {};
    if (name === undefined || toplevel === undefined || derivation === undefined)
      throw new Error(`${host}: ${evaluationError}`);
    await builder.build({ toplevel, derivation }, { signal, onEvent: () => {} });
    return { name, toplevel, derivation };
  };
  const [otherKernel, panicking, ...others] = await Promise.all(["dogwood", "elm", ...turns].map(build));
  return {
    turns: others,
    otherKernel: otherKernel as System,
    panicking: panicking as System,
    ...(kind !== "plain" && { deployer: keys.deployer }),
  };
}

/** The system that comes after `system`. */
export function nextSystem(system: System, { turns }: Systems): System {
  return turns[(turns.indexOf(system) + 1) % turns.length] as System;
}

async function makeKeys(directory: string) {
  const identityFile = join(directory, "id_ed25519");
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "faults", "-f", identityFile]);
  const nix = execa({ preferLocal: false });
  const key = ["--extra-experimental-features", "nix-command", "key"];
  const { stdout: signingKey } = await nix("nix", [...key, "generate-secret", "--key-name", "faults-1"]);
  const { stdout: trusted } = await nix("nix", [...key, "convert-secret-to-public"], { input: signingKey });
  const login = (await readFile(`${identityFile}.pub`, "utf8")).trim();
  return { deployer: { identityFile, signingKey }, public: { login, trusted } };
}

function text(module: string): string {
  const systems = turns.map((name) => `${name} = system "${name}" { };`);
  for (const [name, kernel] of Object.entries(kernels))
    systems.push(`${name} = system "${name}" ({ pkgs, ... }: { boot.kernelPackages = pkgs.${kernel}; });`);
  return `let
  nixpkgs = import ${join(checkout, "packages/testbed/nixpkgs/lib")};
  system = name: more: nixpkgs.nixosSystem {
    system = "x86_64-linux";
    modules = [ (${common}) (${module}) ((${faulty}) name) more ];
  };
in { ${systems.join("\n  ")} }
`;
}

const common = `{
  services.openssh.enable = true;
  boot.loader.systemd-boot.enable = true;
  system.stateVersion = "25.05";
}`;

interface PublicKeys {
  readonly login: string;
  readonly trusted: string;
}

const modules: Readonly<Record<Kind, (keys: PublicKeys) => string>> = {
  plain: () => "{ }",
  restricted: ({ login, trusted }) => `{
    imports = [ ${join(checkout, "nix/modules")} ];
    homelab.users.deploy = { enable = true; keys = [ "${login}" ]; trustedKeys = [ "${trusted}" ]; };
  }`,
  // The file takes a while on its way, and is another one in each system.
  nats: ({ trusted }) => `{ config, pkgs, ... }: {
    nix.settings.trusted-public-keys = [ "${trusted}" ];
    systemd.services.homelab-deploy-listener = {
      wantedBy = [ "multi-user.target" ];
      restartIfChanged = false;
      serviceConfig = { ExecStart = "${listenerProgram}"; Restart = "always"; RestartSec = 1; };
    };
    environment.etc.big.source =
      pkgs.runCommand "\${config.environment.etc.marker.text}-big" { } "head -c 24M /dev/urandom >$out";
  }`,
};

// Three minutes at most, so that a forgotten file holds nobody for ever.
const wait = (place: string) =>
  `touch /run/faults/at/${place} 2>/dev/null || true; i=0;` +
  ` while [ -e /run/faults/hold/${place} ] && [ $i -lt 1800 ]; do i=$((i + 1)); sleep 0.1; done`;
const passes = (place: string) => `${wait(place)}; [ ! -e /run/faults/fail/${place} ]`;

const faulty = `name: {
  environment.etc.marker.text = name;
  system.preSwitchChecks.faults = "${passes("${name}.$2")}";
  system.activationScripts.faults = "${passes("${name}.activation")}";
  systemd.services.step = {
    wantedBy = [ "multi-user.target" ];
    script = "${passes("${name}.unit")}";
    serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
  };
  systemd.services.flapping = {
    wantedBy = [ "multi-user.target" ];
    script = "[ ! -e /run/faults/fail/flapping ]";
    serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
  };
  systemd.services.healthy = {
    script = "true";
    serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
  };
}`;
