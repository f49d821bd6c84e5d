import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostInfo, temporaryTestbed } from "@homelab-deploy/testbed";
import { execa } from "execa";
import { z } from "zod";
import type { Timed } from "./measure.ts";
import { Stack } from "./stack.ts";

const checkout = join(import.meta.dirname, "..");

/** Arguments of `getFleet`. */
export interface FleetSource {
  readonly flake: string;
  readonly overrideInputs: Record<string, string>;
  readonly tier: string;
}

/** A stack of hosts that have been deployed and are off now: a preview contacts none of them. */
export interface Fleet extends AsyncDisposable {
  readonly source: FleetSource;
  /** Previews the hosts as examples/homelab does, with their evaluations in the cache. */
  readonly preview: Timed;
  /** Previews them with a program that holds what an evaluation would say. */
  readonly previewEvaluated: Timed;
}

/**
 * Deploys `count` hosts, which takes some seconds and needs root. Their system is what a new test host runs, so that one
 * machine stands for all of them, and each is adopted: the state is what the provider wrote of a real host.
 */
export async function openFleet(count: number): Promise<Fleet> {
  if (process.getuid?.() !== 0) throw new Error("test hosts need root: run the benchmark as root");
  await using undo = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "homelab-bench-"));
  undo.defer(() => rm(directory, { recursive: true, force: true }));
  const names = Array.from({ length: count }, (_, index) => `host${String(index + 1).padStart(2, "0")}`);
  const source = await writeSource(directory, names);
  const stack = undo.use(await deploy(source, names));
  const literalProgram = evaluatedProgram(await stack.state());
  const kept = undo.move();
  return {
    source,
    preview: () => stack.preview(program, count),
    previewEvaluated: () => stack.preview(literalProgram, count),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const flake = `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
  outputs = { nixpkgs, ... }:
    let
      host = file: {
        name = builtins.replaceStrings [ ".nix" ] [ "" ] file;
        value = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./modules "\${nixpkgs}/hosts/installed.nix" (./hosts + "/\${file}") ];
        };
      };
    in
    { nixosConfigurations = builtins.listToAttrs (map host (builtins.attrNames (builtins.readDir ./hosts))); };
}
`;

const hostModule = `{ homelab.deploy = { tier = "prod"; role = "web"; tags = [ "canary" ]; }; }\n`;

// Copies: an edit in the checkout meanwhile would be a change of the hosts.
async function writeSource(directory: string, names: readonly string[]): Promise<FleetSource> {
  const [nixpkgs, repository] = [join(directory, "nixpkgs"), join(directory, "repository")];
  await cp(join(checkout, "packages/testbed/nixpkgs"), nixpkgs, { recursive: true });
  await cp(join(checkout, "nix/modules"), join(repository, "modules"), { recursive: true });
  await writeFile(join(repository, "flake.nix"), flake);
  await mkdir(join(repository, "hosts"));
  for (const name of names) await writeFile(join(repository, "hosts", `${name}.nix`), hostModule);
  const git = execa({ cwd: repository });
  await git`git init --quiet`;
  await git`git add .`;
  await git`git -c user.name=bench -c user.email=bench@localhost commit --quiet --message hosts`;
  return {
    flake: `git+file://${repository}`,
    overrideInputs: { nixpkgs: `path:${nixpkgs}` },
    tier: "prod",
  };
}

const program = readFileSync(join(checkout, "examples/homelab/index.ts"), "utf8");

async function deploy(source: FleetSource, names: readonly string[]): Promise<Stack> {
  await using bed = await temporaryTestbed();
  const [machine] = await bed.up(["machine"]);
  if (machine === undefined) throw new Error("the testbed has no host");
  await using undo = new AsyncDisposableStack();
  const config = configuration(source, names, machine);
  const stack = undo.use(await Stack.create({ name: source.tier, config }));
  await stack.up(program);
  undo.move();
  return stack;
}

function configuration({ flake, overrideInputs }: FleetSource, names: readonly string[], machine: HostInfo) {
  const { address, hostKey, identityFile } = machine;
  return {
    "homelab:flake": flake,
    "homelab:overrideInputs": overrideInputs,
    "nixos:connection": { ssh: { identityFile } },
    "nixos:hosts": Object.fromEntries(names.map((name) => [name, { host: address, hostKey }])),
  };
}

const resourceSchema = z.object({ type: z.string(), inputs: z.unknown().optional() });
const stateSchema = z.object({ deployment: z.object({ resources: z.array(resourceSchema) }) });

function evaluatedProgram(state: unknown): string {
  const { resources } = stateSchema.parse(state).deployment;
  const hosts = resources.filter(({ type }) => type === "nixos:index:Host").map(({ inputs }) => inputs);
  return `
import { Host } from "@homelab-deploy/pulumi";

const hosts = ${JSON.stringify(hosts)};
export const generations = Object.fromEntries(
  hosts.map((inputs) => [inputs.attribute, new Host(inputs.attribute, inputs).generation]),
);
`;
}
