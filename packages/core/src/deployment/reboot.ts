import pLimit from "p-limit";
import { DeployError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Goal } from "../model/goal.ts";
import type { HostStatus } from "../model/host-status.ts";
import { isWithin } from "../model/reboot.ts";
import type { StorePath } from "../model/store-path.ts";
import type { OnEvent } from "./events.ts";
import type { ActivationPolicy, HostOptions } from "./request.ts";

const turns = pLimit(1);

/** Runs `work` when no other host of this process is away for a reboot. */
export async function oneRebootAtATime<T>(
  work: () => Promise<T>,
  { signal, onEvent }: HostOptions,
): Promise<T> {
  if (turns.activeCount + turns.pendingCount > 0) {
    onEvent({ type: "notice", message: "waiting for another host to be back from its reboot" });
  }
  return turns(() => {
    signal.throwIfAborted();
    return work();
  });
}

/** What has to change in the running kernel for the wanted system; nothing where no reboot is allowed, or not now. */
export async function reasonsToReboot(
  host: Host,
  toplevel: StorePath,
  goal: Goal,
  policy: ActivationPolicy,
  before: HostStatus,
  { signal, onEvent }: HostOptions,
): Promise<readonly string[]> {
  if (policy.reboot !== "when-needed" || goal !== "switch") return [];
  const { rebootNeeded, because } = await host.compare(toplevel, { signal });
  return !rebootNeeded || waitsForSpan(policy, before, onEvent) ? [] : because;
}

/** Whether a reboot that is needed has to wait for its time of the day; tells so. */
export function waitsForSpan(
  { rebootAt }: ActivationPolicy,
  { clock }: HostStatus,
  onEvent: OnEvent,
): boolean {
  if (rebootAt === undefined || isWithin(rebootAt, clock)) return false;
  const message = `a reboot is needed, and allowed at ${rebootAt}: it is ${clock} on the host`;
  onEvent({ type: "warning", message });
  return true;
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
