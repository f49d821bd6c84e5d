import { z } from "zod";
import { DeployError } from "../errors.ts";
import { isStorePath, type StorePath, storePathSchema } from "../model/store-path.ts";
import { CommandError } from "../process/command-error.ts";
import { run } from "../process/run.ts";
import { nix, nixFailure } from "./nix-command.ts";

/** What a store knows of a path. */
export interface PathInfo {
  readonly path: StorePath;
  /** Bytes of the path as a NAR. */
  readonly bytes: number;
  /** Hash of the path as a NAR: `sha256-…` in base 64. */
  readonly narHash: string;
  readonly references: readonly StorePath[];
  /** `name:signature` by each key that has signed the path. */
  readonly signatures: readonly string[];
  /** What the path is addressed by, when that is its content. */
  readonly contentAddress: string | undefined;
}

const infoSchema = z.object({
  narHash: z.string().regex(/^sha256-[A-Za-z0-9+/]{43}=$/),
  narSize: z.number(),
  references: z.array(storePathSchema),
  signatures: z.array(z.string().regex(/^\S+$/)).default([]),
  ca: z.string().nullish(),
});
// Nix up to 2.18 answers a list, newer ones an object keyed by path.
const infosSchema = z.union([
  z.record(z.string(), infoSchema),
  z
    .array(infoSchema.extend({ path: z.string() }))
    .transform((list) => Object.fromEntries(list.map((i) => [i.path, i]))),
]);

/** What this machine's store knows of `paths`, and not of what they need. */
export async function pathInfos(paths: readonly StorePath[], signal: AbortSignal): Promise<PathInfo[]> {
  const input = paths.map((path) => `${path}\n`).join("");
  return parse((await nix(["path-info", "--json", "--stdin"], "copy-failed", { signal, input })).stdout);
}

/** The same of all paths that `path` needs at run time, itself among them. */
export async function closure(path: StorePath, signal: AbortSignal): Promise<PathInfo[]> {
  return parse((await nix(["path-info", "--recursive", "--json", path], "build-failed", { signal })).stdout);
}

function parse(answer: string): PathInfo[] {
  const { data, error } = infosSchema.safeParse(JSON.parse(answer));
  if (error !== undefined) {
    throw new DeployError("bad-answer", "nix path-info answered something unexpected", { cause: error });
  }
  return Object.entries(data).map(([path, { narSize, ca, ...info }]) => ({
    ...info,
    path: path as StorePath,
    bytes: narSize,
    contentAddress: ca ?? undefined,
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
