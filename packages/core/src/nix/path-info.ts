import { z } from "zod";
import { DeployError } from "../errors.ts";
import { isStorePath, type StorePath } from "../model/store-path.ts";
import { CommandError } from "../process/command-error.ts";
import { run } from "../process/run.ts";
import { nix, nixFailure } from "./nix-command.ts";

export interface PathInfo {
  readonly path: StorePath;
  /** Bytes of the path as a NAR. */
  readonly bytes: number;
  /** Whether anybody has signed the path. */
  readonly signed: boolean;
}

const infoSchema = z.object({ narSize: z.number(), signatures: z.array(z.unknown()).optional() });
// Nix up to 2.18 answers a list, newer ones an object keyed by path.
const pathInfoSchema = z.union([
  z.record(z.string(), infoSchema.nullable()),
  z
    .array(infoSchema.extend({ path: z.string() }))
    .transform((list) => Object.fromEntries(list.map((i) => [i.path, i]))),
]);

/** All paths that `path` needs at run time, itself among them, with their sizes and whether they are signed. */
export async function closure(path: StorePath, signal: AbortSignal): Promise<PathInfo[]> {
  const { stdout } = await nix(["path-info", "--recursive", "--json", path], "build-failed", { signal });
  const parsed = pathInfoSchema.safeParse(JSON.parse(stdout));
  if (!parsed.success) throw new DeployError("bad-answer", "nix path-info answered something unexpected");
  return Object.entries(parsed.data).map(([key, info]) => ({
    path: key as StorePath,
    bytes: info?.narSize ?? 0,
    signed: (info?.signatures ?? []).length > 0,
  }));
}

/** Those of `paths` that are not valid in this machine's store. Existence alone proves nothing: it may be under way. */
export async function invalidPaths(paths: readonly StorePath[], signal: AbortSignal): Promise<StorePath[]> {
  return storeQuery(["--check-validity", "--print-invalid", ...paths], signal);
}

/** All paths that `paths` need: of derivations, all their inputs. */
export async function requisites(paths: readonly StorePath[], signal: AbortSignal): Promise<StorePath[]> {
  return storeQuery(["--query", "--requisites", ...paths], signal);
}

async function storeQuery(args: readonly string[], signal: AbortSignal): Promise<StorePath[]> {
  try {
    const { stdout } = await run(["nix-store", ...args], { signal });
    return stdout.split("\n").filter(isStorePath);
  } catch (error) {
    if (error instanceof CommandError) throw nixFailure(error, "build-failed");
    throw error;
  }
}
