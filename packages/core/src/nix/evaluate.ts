import { z } from "zod";
import { DeployError } from "../errors.ts";
import { hostNameSchema } from "../model/host-name.ts";
import { storePathSchema } from "../model/store-path.ts";
import { overrideArgs } from "./flake-metadata.ts";
import type { FleetSource } from "./fleet-source.ts";
import { inventoryExpression } from "./inventory.ts";
import { nix } from "./nix-command.ts";

/** Deployment metadata: the parts of `config.homelab.deploy` that the controller reads, all of them optional. */
export const deployMetadataSchema = z.object({
  targetHost: z.string().nullish(),
  port: z.number().nullish(),
  user: z.string().nullish(),
  hostKey: z.string().nullish(),
  connection: z
    .object({ ssh: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullish() })
    .nullish(),
  tier: z.string().nullish(),
  role: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  goal: z.string().nullish(),
  rollback: z
    .object({
      confirmTimeout: z.string().nullish(),
      activationTimeout: z.string().nullish(),
      unhealthy: z.string().nullish(),
      rescue: z.string().nullish(),
    })
    .nullish(),
  healthChecks: z.array(z.unknown()).nullish(),
  reboot: z.string().nullish(),
  rebootAt: z.string().nullish(),
  rebootTimeout: z.string().nullish(),
  buildOn: z.string().nullish(),
});

const toplevelSchema = z.object({
  toplevel: storePathSchema,
  derivation: storePathSchema,
  system: z.string(),
});

// `notes`: what of the host's definition has no effect.
const notesSchema = z.array(z.string());

export const evaluatedHostSchema = toplevelSchema.extend({
  deploy: deployMetadataSchema,
  notes: notesSchema,
});
export const hostNamesSchema = z.object({ names: z.array(hostNameSchema), notes: notesSchema });

export type HostNames = z.infer<typeof hostNamesSchema>;
export type DeployMetadata = z.infer<typeof deployMetadataSchema>;
export type EvaluatedHost = z.infer<typeof evaluatedHostSchema>;

const fields = Object.keys(deployMetadataSchema.shape)
  .map((field) => `${field} = null;`)
  .join(" ");
const deployExpression = `builtins.intersectAttrs { ${fields} } host`;

/** Names of all hosts of the source. Costs about 0.2 s for a large flake; evaluates no host. */
export function evaluateHostNames(source: FleetSource, signal: AbortSignal): Promise<HostNames> {
  const expression = "{ names = builtins.attrNames inventory.hosts; inherit (inventory) notes; }";
  return evaluate(source, expression, hostNamesSchema, signal);
}

/** Deployment metadata of one host, without its toplevel. Costs about 0.2 s. */
export function evaluateMetadata(
  source: FleetSource,
  name: string,
  signal: AbortSignal,
): Promise<DeployMetadata> {
  return evaluate(source, withHost(name, deployExpression), deployMetadataSchema, signal);
}

/** Toplevel and metadata of one host; its derivation is then in the store. A NixOS host costs about 3 s and 0.5 GiB. */
export function evaluateHost(source: FleetSource, name: string, signal: AbortSignal): Promise<EvaluatedHost> {
  const expression = `{
    toplevel = host.toplevel.outPath;
    derivation = host.toplevel.drvPath;
    inherit (host.toplevel) system;
    deploy = ${deployExpression};
    inherit (host) notes;
  }`;
  return evaluate(source, withHost(name, expression), evaluatedHostSchema, signal);
}

// Host names have a grammar without quotes, backslashes and dollar signs: safe inside a Nix string.
function withHost(name: string, expression: string): string {
  return `let host = inventory.find "${hostNameSchema.parse(name)}"; in ${expression}`;
}

async function evaluate<T>(
  source: FleetSource,
  expression: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
) {
  const { stdout } = await nix(evaluateArgs(source, expression), "evaluation-failed", { signal });
  const result = schema.safeParse(JSON.parse(stdout));
  if (result.success) return result.data;
  throw new DeployError(
    "bad-answer",
    `the evaluation gave an unexpected value: ${z.prettifyError(result.error)}`,
    {
      cause: result.error,
    },
  );
}

function evaluateArgs(source: FleetSource, expression: string): string[] {
  const common = ["eval", "--json", "--no-write-lock-file", ...(source.impure ? ["--impure"] : [])];
  const apply = (from: string) =>
    `definitions: let inventory = (${inventoryExpression()}).${from} definitions; in ${expression}`;
  if (source.flake !== undefined) {
    // All outputs: an attribute path that starts with a dot is looked up nowhere else.
    const installable = `${source.flake}#.`;
    return [...common, ...overrideArgs(source), "--apply", apply("fromOutputs"), installable];
  }
  if (source.file !== undefined) {
    return [...common, "--apply", apply("fromFile"), "--file", source.file];
  }
  throw new DeployError("invalid-input", "neither a flake nor a file tells where the hosts are defined");
}
