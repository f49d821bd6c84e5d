import { setTimeout as delay } from "node:timers/promises";
import { DeployError, isLostLink, toDeployError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { GuardEvent } from "../model/guard-event.ts";
import type { OnEvent } from "./events.ts";
import type { End } from "./outcome.ts";
import { report } from "./report.ts";

const second = 1000;

export interface Followed {
  readonly id: string;
  /** Milliseconds that the host waits for its confirmation. */
  readonly confirmTimeout: number;
  /** Whether the host is going to reboot. */
  readonly reboot?: boolean | undefined;
  /** Milliseconds that the host may be away for a reboot. */
  readonly rebootTimeout: number;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** Called when the host waits for the confirmation; its signal is aborted when the deployment has ended. */
  readonly onWaiting?: ((ended: AbortSignal) => Promise<void>) | undefined;
}

/**
 * Follows a deployment to its end, across lost connections and reboots. Throws `outcome-unknown` when the host stays away
 * for longer than it can take.
 */
export async function follow(
  host: Host,
  followed: Followed,
  { signal, onEvent, onWaiting }: FollowOptions,
): Promise<End> {
  let contact = Date.now();
  let offset = 0;
  let end: End | undefined;
  const ended = new AbortController();
  let confirmation: Promise<void> | undefined;
  let byReboot = followed.reboot === true;
  let rebooting = byReboot;
  const onGuardEvent = (event: GuardEvent) => {
    contact = Date.now();
    if (event.type === "alive") return;
    offset++;
    if (event.type === "end") end = event;
    if (event.type === "end") ended.abort();
    if (event.type === "phase") {
      byReboot ||= event.phase === "rebooting";
      if (event.phase === "rebooting" || event.phase === "rolling-back") rebooting = byReboot;
      if (event.phase === "waiting") confirmation = onWaiting?.(ended.signal);
    }
    if (event.type === "booted") rebooting = false;
    report(event, onEvent);
  };
  for (;;) {
    try {
      await host.follow(followed.id, offset, { signal, onEvent: onGuardEvent });
      await confirmation;
      if (end !== undefined) return end;
    } catch (error) {
      signal.throwIfAborted();
      if (!isLostLink(error)) throw error;
      if (rebooting && Date.now() > contact + followed.rebootTimeout) {
        throw notBack(host.name, followed, error);
      }
      if (!rebooting && Date.now() > contact + patience(followed)) throw lost(host.name, followed, error);
      onEvent({ type: "output", line: `${toDeployError(error, "unreachable").message}; trying again` });
    }
    await delay(second, undefined, { signal });
  }
}

// How long a host may be out of reach: by then it has given up waiting, put back what ran before, or restarted.
function patience({ confirmTimeout }: Followed): number {
  return confirmTimeout + 90 * second;
}

function notBack(host: string, { rebootTimeout }: Followed, cause: unknown): DeployError {
  const minutes = rebootTimeout / 60_000;
  return new DeployError(
    "outcome-unknown",
    `${host} did not come back within ${minutes} min after its reboot`,
    {
      cause,
      hint: "Its boot loader still names the system before: a restart by hand boots that one. Look at its console.",
    },
  );
}

function lost(host: string, { id }: Followed, cause: unknown): DeployError {
  return new DeployError("outcome-unknown", `${host} fell silent during the deployment`, {
    cause,
    hint: `It goes back to what it ran before by itself. Its journal knows deployment ${id}: pulumi refresh.`,
  });
}
