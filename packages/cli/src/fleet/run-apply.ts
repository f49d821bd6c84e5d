import type { Goal, Reboot } from "@homelab-deploy/core";
import { Ended, exitStatus } from "../exit-status.ts";
import type { CommandContext } from "../surroundings.ts";
import { type ApplyPolicy, apply, resultTable } from "./apply.ts";
import { type FleetFlags, fleetRequestFrom } from "./options.ts";
import { createProgress } from "./progress.ts";
import { evaluateHosts } from "./request.ts";

interface ApplyFlags extends FleetFlags {
  readonly goal?: Goal;
  readonly reboot?: Reboot;
  readonly confirmTimeout?: string;
  readonly cache?: string;
  readonly signingKeyFile?: string;
  readonly json?: boolean;
}

/** Deploys, tells how it goes, and writes what came of it; ends unsuccessful when a host is not as wanted. */
export async function runApply(
  flags: ApplyFlags & Record<string, unknown>,
  context: CommandContext,
): Promise<void> {
  const { stdout, stderr, signal, columns, config } = context;
  const request = fleetRequestFrom(flags, config);
  const hosts = await evaluateHosts(request, context);
  const progress = createProgress(stderr, columns);
  const results = await apply(hosts, { request, policy: toPolicy(flags), progress, signal });
  stdout(flags.json ? `${JSON.stringify({ hosts: results })}\n` : resultTable(results));
  if (signal.aborted) throw new Ended(exitStatus.interrupted);
  if (results.some(({ done }) => !done)) throw new Ended(exitStatus.failed);
}

function toPolicy({
  goal,
  reboot,
  confirmTimeout,
  cache,
  signingKeyFile,
  identityFile,
}: ApplyFlags & { identityFile?: string }): ApplyPolicy {
  return {
    ...(goal && { goal }),
    ...(reboot && { reboot }),
    ...(confirmTimeout && { rollback: { confirmTimeout } }),
    ...(cache && { cache: { to: cache, identityFile } }),
    ...(signingKeyFile && { signingKeyFile }),
  };
}
