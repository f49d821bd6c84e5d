import { z } from "zod";
import { DeployError } from "../errors.ts";
import type { FleetSource } from "./fleet-source.ts";
import { nix } from "./nix-command.ts";

const metadataSchema = z.object({
  path: z.string(),
  resolved: z.object({ dir: z.string().optional() }),
  locked: z.object({ lastModified: z.number().optional() }),
  locks: z.unknown(),
  revision: z.string().optional(),
  dirtyRevision: z.string().optional(),
});

export interface FlakeMetadata {
  /** All that a pure evaluation of the flake depends on, Nix's version apart: equal values, equal results. */
  readonly identity: unknown;
  /** Git revision of the source; of a changed working tree, with `-dirty`. */
  readonly revision: string | undefined;
}

/** Fetches the flake's source and tells which it is. Takes about 30 ms for a local flake. */
export async function flakeMetadata(
  source: FleetSource & { flake: string },
  signal: AbortSignal,
): Promise<FlakeMetadata> {
  const args = ["flake", "metadata", "--json", "--no-write-lock-file", ...overrideArgs(source), source.flake];
  const { stdout } = await nix(args, "evaluation-failed", { signal });
  const metadata = metadataSchema.safeParse(JSON.parse(stdout));
  if (!metadata.success) {
    throw new DeployError("bad-answer", "nix flake metadata answered something unexpected", {
      cause: metadata.error,
    });
  }
  const { path, resolved, locked, locks, revision, dirtyRevision } = metadata.data;
  return {
    identity: [path, resolved.dir ?? "", locked.lastModified ?? 0, revision ?? dirtyRevision ?? "", locks],
    revision: revision ?? dirtyRevision,
  };
}

/** Arguments that replace inputs of the flake. */
export function overrideArgs(source: FleetSource): string[] {
  return Object.entries(source.overrideInputs ?? {}).flatMap(([input, flake]) => [
    "--override-input",
    input,
    flake,
  ]);
}
