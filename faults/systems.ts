import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createBuilder, evaluateFleet } from "@homelab-deploy/core";
import { checkout } from "./checkout.ts";

/** How a host was installed: with none of our modules and root's key, or with our module and a deploy user. */
export type Kind = "plain" | "restricted";

/** A system that is built, and how a program names it. */
export interface System {
  /** By which its places to wait and to fail are called. */
  readonly name: string;
  readonly toplevel: string;
  readonly derivation: string;
}

const names = ["alder", "birch", "cedar"] as const;

/**
 * Builds the systems that take turns on hosts of `kind`. All alike, each can be held and made to fail in all that it
 * does, by files below /run/faults of the host, which a restart of the host removes.
 */
export async function buildSystems(kind: Kind, directory: string): Promise<readonly System[]> {
  const { signal } = new AbortController();
  const flake = join(directory, `${kind}-systems`);
  await mkdir(flake, { recursive: true });
  await writeFile(join(flake, "flake.nix"), flakeText(kind));
  const overrideInputs = { nixpkgs: `path:${join(checkout, "packages/testbed/nixpkgs")}` };
  const { hosts } = await evaluateFleet({ flake: `path:${flake}`, overrideInputs }, {}, { signal });
  const builder = createBuilder();
  return Promise.all(
    Object.values(hosts).map(async ({ name, toplevel, derivation, evaluationError }) => {
      if (toplevel === undefined || derivation === undefined) throw new Error(`${name}: ${evaluationError}`);
      await builder.build({ toplevel, derivation }, { signal, onEvent: () => {} });
      return { name, toplevel, derivation };
    }),
  );
}

/** The system that comes after `system`. */
export function nextSystem(system: System, systems: readonly System[]): System {
  return systems[(systems.indexOf(system) + 1) % systems.length] as System;
}

function flakeText(kind: Kind): string {
  const hosts = names.map((name) => `${name} = host "${name}";`);
  return `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
  outputs = { nixpkgs, ... }: let
    host = name: nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ (${common}) (${modules[kind]}) ((${faulty}) name) ];
    };
  in { nixosConfigurations = { ${hosts.join(" ")} }; };
}
`;
}

const common = `{
  services.openssh.enable = true;
  boot.loader.systemd-boot.enable = true;
  system.stateVersion = "25.05";
}`;

const modules: Readonly<Record<Kind, string>> = { plain: "{ }", restricted: "{ }" };

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
}`;
