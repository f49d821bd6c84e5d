import { z } from "zod";
import { DeployError } from "../errors.ts";
import { isCommit } from "../model/revision.ts";
import { CommandError } from "../process/command-error.ts";
import { fleetSourceSchema } from "./fleet-source.ts";
import { nix } from "./nix-command.ts";

/**
 * `flake` at `revision`, a branch or a commit. Throws `invalid-input` for a flake that has no revisions to choose from.
 */
export function flakeAt(flake: string, revision: string): string {
  const checked = fleetSourceSchema.shape.flake.safeParse(flake);
  if (!checked.success) throw new DeployError("invalid-input", checked.error.issues[0]?.message ?? flake);
  const git = /^git\+(?:https?|ssh|git|file):/.test(flake);
  if (!git && !/^(?:github|gitlab|sourcehut):/.test(flake)) {
    throw new DeployError(
      "invalid-input",
      `not a flake with branches and commits: ${JSON.stringify(flake)}`,
      {
        hint: "Name it as git+https://…, git+ssh://…, git+file:///… or github:owner/name.",
      },
    );
  }
  const [address = "", query = ""] = flake.split("?", 2);
  const kept = query.split("&").filter((part) => part !== "" && !/^(?:ref|rev|allRefs)=/.test(part));
  const wanted = isCommit(revision)
    ? [`rev=${revision}`, ...(git ? ["allRefs=1"] : [])]
    : [`ref=${revision}`];
  return `${address}?${[...kept, ...wanted].join("&")}`;
}

const metadataSchema = z.object({ url: z.string(), revision: z.string().optional() });

export interface LockedFlake {
  /** A reference that always means the same. */
  readonly flake: string;
  /** The commit. */
  readonly revision: string | undefined;
}

/**
 * The commit that `revision` of `flake` is now, asked of its server each time. Throws `invalid-input` when there is none,
 * `evaluation-failed` when the server cannot be asked: what was fetched before may be out of date.
 */
export async function lockFlake(flake: string, revision: string, signal: AbortSignal): Promise<LockedFlake> {
  const args = ["flake", "metadata", "--refresh", "--json", "--no-write-lock-file", flakeAt(flake, revision)];
  try {
    const { stdout, stderr } = await nix(args, "evaluation-failed", { signal });
    if (/continuing with the most recent version/.test(stderr)) throw notFetched(flake, revision, stderr);
    const { url, revision: commit } = metadataSchema.parse(JSON.parse(stdout));
    return { flake: url, revision: commit };
  } catch (error) {
    const { cause } = error as Error;
    throw cause instanceof CommandError ? notFetched(flake, revision, cause.stderr, error) : error;
  }
}

/** Whether Nix and Git say that there is no such branch or commit, rather than that they could not look. */
export function isMissingRevision(stderr: string): boolean {
  if (/couldn't find remote ref|not our ref|Cannot find Git revision|No commit found for/.test(stderr))
    return true;
  return (
    /revspec '.*' not found|object not found|HTTP error (?:404|422)/.test(stderr) && !/^fatal:/m.test(stderr)
  );
}

function notFetched(flake: string, revision: string, stderr: string, cause?: unknown): unknown {
  if (isMissingRevision(stderr)) {
    return new DeployError("invalid-input", `${flake} has no revision ${revision}`, { cause });
  }
  const [fatal] = /^fatal: .*/m.exec(stderr) ?? [];
  if (fatal === undefined && cause !== undefined) return cause;
  return new DeployError("evaluation-failed", `${flake} could not be fetched: ${fatal ?? stderr.trim()}`, {
    cause,
  });
}
