import { z } from "zod";
import { DeployError } from "../errors.ts";
import { isCommit } from "../model/revision.ts";
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

const lockedSchema = z.object({ url: z.string(), revision: z.string().optional() });

/**
 * The commit that `flake` means now, asked of its server each time, as a flake reference that will always mean the same.
 * Throws `evaluation-failed` with Nix's message.
 */
export async function lockFlake(flake: string, signal: AbortSignal): Promise<z.infer<typeof lockedSchema>> {
  const args = ["flake", "metadata", "--refresh", "--json", "--no-write-lock-file", flake];
  const { stdout } = await nix(args, "evaluation-failed", { signal });
  return lockedSchema.parse(JSON.parse(stdout));
}

/** Whether Nix said that there is no such branch or commit, rather than that it could not look. */
export function isMissingRevision(message: string): boolean {
  return /couldn't find remote ref|not our ref|Cannot find Git revision|No commit found for|HTTP error (?:404|422)/i.test(
    message,
  );
}
