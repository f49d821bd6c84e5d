import { setTimeout as delay } from "node:timers/promises";
import type { ActivationRequest, GuardEvent, Outcome } from "../activation/protocol.ts";
import { DeployError, isLostLink, toDeployError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { activates } from "../model/goal.ts";
import type { OnEvent, Phase } from "./events.ts";

const second = 1000;

interface Options {
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** Looks whether the host is healthy while it waits for the confirmation; returns why it is not. */
  readonly verify?: ((signal: AbortSignal) => Promise<string | undefined>) | undefined;
}

export interface Activation extends ActivationRequest {
  /** Milliseconds that the host may be away for a reboot. */
  readonly rebootTimeout: number;
}

/**
 * Runs one guarded activation on a host: begins it, follows it across lost connections, confirms over a new connection.
 * Returns the good outcomes; throws `rolled-back`, `rollback-failed`, `refused`, `locked`, or `outcome-unknown` when the
 * host stays silent for longer than it can take. On abort the host is told to put back what ran before, and does so
 * by itself when it cannot be told.
 */
export async function activate(
  host: Host,
  request: Activation,
  { signal, onEvent, verify }: Options,
): Promise<Outcome> {
  onEvent({ type: "phase", phase: "activating" });
  await begin(host, request, signal);
  try {
    let unhealthy: string | undefined;
    const confirmHealthy = async (ended: AbortSignal) => {
      onEvent({ type: "phase", phase: "confirming" });
      const either = AbortSignal.any([signal, ended]);
      unhealthy = await verify?.(either).catch((error: unknown) => toDeployError(error, "refused").message);
      if (either.aborted) unhealthy = undefined;
      else if (unhealthy === undefined) await confirm(host, request, signal);
      else await callOff(host, request.id);
    };
    const end = await follow(host, request, signal, onEvent, confirmHealthy);
    return judge(host.name, request, unhealthy === undefined ? end : because(unhealthy, end));
  } catch (error) {
    if (!signal.aborted) throw error;
    throw cancelled(host.name, request, signal.reason, await callOff(host, request.id));
  }
}

type End = GuardEvent & { type: "end" };

// The host only knows that it was called off.
function because(unhealthy: string, end: End): End {
  return { ...end, reason: end.outcome === "rolled-back" ? unhealthy : `${unhealthy}; ${end.reason}` };
}

// The answer may get lost after the host began: asking again with the same id tells.
async function begin(host: Host, request: Activation, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await host.begin(request, { signal });
      return;
    } catch (error) {
      if (signal.aborted) {
        await callOff(host, request.id);
        throw error;
      }
      if (!isLostLink(error) || attempt === 3) throw error;
      await delay(second, undefined, { signal });
    }
  }
}

async function follow(
  host: Host,
  request: Activation,
  signal: AbortSignal,
  onEvent: OnEvent,
  confirmHealthy: (ended: AbortSignal) => Promise<void>,
): Promise<End> {
  let contact = Date.now();
  let offset = 0;
  let end: End | undefined;
  const ended = new AbortController();
  let confirmation: Promise<void> | undefined;
  let rebooting = false;
  const onGuardEvent = (event: GuardEvent) => {
    contact = Date.now();
    if (event.type === "alive") return;
    offset++;
    if (event.type === "end") end = event;
    if (event.type === "end") ended.abort();
    if (event.type === "phase") {
      rebooting = event.phase === "rebooting" || (event.phase === "rolling-back" && request.reboot === true);
      if (event.phase === "waiting") confirmation = confirmHealthy(ended.signal);
    }
    if (event.type === "booted") rebooting = false;
    report(event, onEvent);
  };
  for (;;) {
    try {
      await host.follow(request.id, offset, { signal, onEvent: onGuardEvent });
      await confirmation;
      if (end !== undefined) return end;
    } catch (error) {
      signal.throwIfAborted();
      if (!isLostLink(error)) throw error;
      if (rebooting && Date.now() > contact + request.rebootTimeout) {
        throw notBack(host.name, request, error);
      }
      if (!rebooting && Date.now() > contact + patience(request)) throw lost(host.name, request, error);
      onEvent({ type: "output", line: `${toDeployError(error, "unreachable").message}; trying again` });
    }
    await delay(second, undefined, { signal });
  }
}

// Tried until the host has answered, one way or the other, or the time for it is over.
async function confirm(host: Host, request: ActivationRequest, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + request.confirmTimeout;
  do {
    try {
      await host.confirm(request.id, request.token, { signal });
      return;
    } catch (error) {
      if (signal.aborted || !isLostLink(error)) return;
    }
    await delay(second / 2);
  } while (Date.now() < deadline);
}

// A quick word to the host, so that it need not wait for the confirmation to fail to come; returns the host's decision.
async function callOff(host: Host, id: string): Promise<string | undefined> {
  return host.abort(id, { signal: AbortSignal.timeout(5 * second) }).catch(() => undefined);
}

function cancelled(
  host: string,
  { goal }: ActivationRequest,
  cause: unknown,
  decision: string | undefined,
): DeployError {
  const reason = toDeployError(cause, "cancelled").message;
  if (!activates(goal)) return new DeployError("cancelled", `${reason}; ${host} finishes by itself`);
  if (decision === "confirmed" || decision === "") {
    return new DeployError("outcome-unknown", `${reason} too late: the deployment of ${host} was decided`);
  }
  return new DeployError("cancelled", `${reason}; ${host} puts back what it ran before`);
}

function judge(host: string, request: ActivationRequest, { outcome, reason }: End): Outcome {
  switch (outcome) {
    case "committed":
    case "activated":
    case "dry-activated":
      return outcome;
    case "rolled-back":
      throw new DeployError("rolled-back", `${host} was rolled back: ${reason}`);
    case "rollback-failed":
      throw new DeployError("rollback-failed", `${host} could not be rolled back: ${reason}`, {
        hint: `Look at it: ssh ${host} journalctl -u 'homelab-activate-*'. A reboot starts what its boot loader names.`,
      });
    case "superseded":
      throw new DeployError("superseded", `${host} was left to somebody else: ${reason}`, {
        hint: "Look at the host; then refresh, and deploy again if this system is still wanted.",
      });
    case "failed":
      throw new DeployError("refused", `${host}: ${reason}`);
    default:
      outcome satisfies never;
      throw new DeployError("bad-answer", `${host} told an unknown outcome of ${request.id}`);
  }
}

// The controller itself tells of the phases before these.
const phases: Readonly<Record<string, Phase>> = {
  judging: "judging",
  arming: "rebooting",
  committing: "committing",
  "rolling-back": "rolling-back",
};

function report(event: GuardEvent, onEvent: OnEvent): void {
  switch (event.type) {
    case "phase": {
      const phase = phases[event.phase];
      if (phase !== undefined) onEvent({ type: "phase", phase });
      break;
    }
    case "output":
      onEvent({ type: "output", line: event.line });
      break;
    case "unit-failed":
      onEvent({ type: "warning", message: [`${event.unit} failed:`, ...event.journal].join("\n  ") });
      break;
    case "check":
    case "notice":
    case "warning":
      onEvent(event);
      break;
    case "rolling-back":
      onEvent({ type: "notice", message: `rolling back: ${event.reason}` });
      break;
    case "booted":
      onEvent({ type: "notice", message: `booted ${event.toplevel} (boot ${event.bootId})` });
      break;
    case "alive":
    case "other":
    case "end":
      break;
  }
}

// How long a host may be out of reach: by then it has given up waiting, put back what ran before, or restarted.
function patience({ confirmTimeout }: ActivationRequest): number {
  return confirmTimeout + 90 * second;
}

function notBack(host: string, { rebootTimeout, to }: Activation, cause: unknown): DeployError {
  const minutes = rebootTimeout / 60_000;
  return new DeployError(
    "outcome-unknown",
    `${host} did not come back within ${minutes} min after its reboot into ${to}`,
    {
      cause,
      hint: "Its boot loader still names the system before: a restart by hand boots that one. Look at its console.",
    },
  );
}

function lost(host: string, request: ActivationRequest, cause: unknown): DeployError {
  return new DeployError("outcome-unknown", `${host} fell silent during the deployment`, {
    cause,
    hint: `It goes back to what it ran before by itself. Its journal knows deployment ${request.id}: pulumi refresh.`,
  });
}
