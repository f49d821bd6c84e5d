import pLimit from "p-limit";
import { DeployError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { HostStatus } from "../model/host-status.ts";
import type { StorePath } from "../model/store-path.ts";
import type { OnEvent } from "./events.ts";
import type { Wanted } from "./plan.ts";

const turns = pLimit(1);

/** Runs `work` when no other host of this process is away for a reboot. */
export async function oneRebootAtATime<T>(
  work: () => Promise<T>,
  { signal, onEvent }: { readonly signal: AbortSignal; readonly onEvent: OnEvent },
): Promise<T> {
  if (turns.activeCount + turns.pendingCount > 0) {
    onEvent({ type: "notice", message: "waiting for another host to be back from its reboot" });
  }
  return turns(() => {
    signal.throwIfAborted();
    return work();
  });
}

/** What has to change in the running kernel for the wanted system; nothing where the policy knows no reboots. */
export async function reasonsToReboot(
  host: Host,
  { goal, reboot = "never", toplevel }: Wanted & { readonly toplevel: StorePath },
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (reboot === "never" || goal !== "switch") return [];
  const { rebootNeeded, because } = await host.compare(toplevel, { signal });
  return rebootNeeded ? because : [];
}

/** Throws `bad-answer` unless the host is in another boot than before, and in the wanted system. */
export function verifyReboot(
  host: string,
  toplevel: StorePath,
  before: HostStatus,
  { booted, bootId }: HostStatus,
): void {
  if (bootId === before.bootId) {
    throw new DeployError(
      "bad-answer",
      `${host} tells of a commit, and is in the same boot as before: ${bootId}`,
    );
  }
  if (booted === toplevel) return;
  throw new DeployError("bad-answer", `${host} tells of a commit of ${toplevel}, and has booted ${booted}`);
}
