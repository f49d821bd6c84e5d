import { join } from "node:path";
import { type HostInfo, Project, pluginDirectory } from "@homelab-deploy/testbed";

const packages = join(import.meta.dirname, "../../..");

/** The stand-in for nixpkgs, as an override of a flake's input. */
export const overrideInputs = { nixpkgs: `path:${join(packages, "testbed/nixpkgs")}` };

/** Text of a flake with one host for each of `modules`, a Nix expression each. */
export function flakeText(modules: Readonly<Record<string, string>>): string {
  const hosts = Object.entries(modules).map(([name, module]) => `"${name}" = host (${module});`);
  return `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
  outputs = { nixpkgs, ... }: let
    host = module: nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ { services.openssh.enable = true; boot.loader.systemd-boot.enable = true; system.stateVersion = "25.05"; } module ];
    };
  in { nixosConfigurations = { ${hosts.join("\n")} }; };
}
`;
}

/** A module whose only mark is the text of /etc/marker. */
export const marked = (text: string): string => `{ environment.etc.marker.text = "${text}"; }`;

/** A program in TypeScript that makes a Host of everything in \`flake\`. */
export const fleetProgram = `
import { getFleet, Host } from "@homelab-deploy/pulumi";
import { Config } from "@pulumi/pulumi/config.js";

const config = new Config();
const fleet = await getFleet({ flake: config.get("flake"), file: config.get("file"), overrideInputs: config.getObject("overrideInputs") });
export const generations = Object.fromEntries(
  Object.values(fleet.hosts).map((definition) => [definition.name, new Host(definition.name, definition).generation]),
);
`;

const plugins = { providers: [{ name: "nixos", path: pluginDirectory }] };

/** Files of a TypeScript project called homelab. */
export function typeScriptProject(program: string): Record<string, string> {
  const project = { name: "homelab", runtime: { name: "nodejs", options: { typescript: false } }, plugins };
  return {
    "Pulumi.yaml": JSON.stringify(project),
    "package.json": JSON.stringify({ type: "module", main: "index.ts" }),
    "index.ts": program,
  };
}

/** Files of a YAML project called homelab; JSON is YAML. */
export function yamlProject(program: object): Record<string, string> {
  return { "Pulumi.yaml": JSON.stringify({ name: "homelab", runtime: "yaml", plugins, ...program }) };
}

/** Configuration of the provider that leads to the hosts. */
export function reaching(hosts: readonly HostInfo[]): Record<string, unknown> {
  return {
    "nixos:connection": { ssh: { identityFile: hosts[0]?.identityFile } },
    "nixos:hosts": Object.fromEntries(
      hosts.map(({ name, address, hostKey }) => [name, { host: address, hostKey }]),
    ),
  };
}

/** A stack of a TypeScript program over the flake in the project's own directory `flake`. */
export function fleetProject(modules: Record<string, string>, hosts: readonly HostInfo[]): Promise<Project> {
  return Project.create({
    files: { ...typeScriptProject(fleetProgram), "flake/flake.nix": flakeText(modules) },
    stack: "test",
    config: { "homelab:flake": "path:./flake", "homelab:overrideInputs": overrideInputs, ...reaching(hosts) },
  });
}
