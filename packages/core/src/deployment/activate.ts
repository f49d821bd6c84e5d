import { setTimeout as delay } from "node:timers/promises";
import { isLostLink, toDeployError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { ActivationRequest } from "../model/activation-request.ts";
import type { Outcome } from "../model/guard-event.ts";
import type { OnEvent } from "./events.ts";
import { follow } from "./follow.ts";
import { cancelled, type End, judgeEnd, leftToItself } from "./outcome.ts";

const second = 1000;
const beginPatience = 10 * second;

interface Options {
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** Told when the host has begun. */
  readonly onBegun?: ((id: string) => void) | undefined;
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
  { onBegun, ...options }: Options,
): Promise<Outcome> {
  options.onEvent({ type: "phase", phase: "activating" });
  await begin(host, request, options.signal);
  onBegun?.(request.id);
  return seeThrough(host, request, options);
}

/**
 * Follows and confirms an activation that was begun before, by a program that has been ended since; otherwise the same as
 * `activate`. Throws `invalid-input` when the host knows no such activation.
 */
export async function seeThrough(
  host: Host,
  request: Activation,
  { signal, onEvent, verify }: Options,
): Promise<Outcome> {
  try {
    let unhealthy: string | undefined;
    const confirmHealthy = async (ended: AbortSignal) => {
      onEvent({ type: "phase", phase: "confirming" });
      const either = AbortSignal.any([signal, ended]);
      unhealthy = await verify?.(either).catch((error: unknown) => toDeployError(error, "refused").message);
      if (either.aborted) unhealthy = undefined;
      else if (unhealthy === undefined) await confirm(host, request, signal);
      else await callOff(host, request.id, unhealthy);
    };
    const end = await follow(host, request, { signal, onEvent, onWaiting: confirmHealthy });
    return judgeEnd(host.name, request.id, unhealthy === undefined ? end : because(unhealthy, end));
  } catch (error) {
    if (!signal.aborted || signal.reason === leftToItself) throw error;
    throw cancelled(host.name, request.goal, signal.reason, await callOff(host, request.id));
  }
}

// The host only knows that it was called off.
function because(unhealthy: string, end: End): End {
  return { ...end, reason: end.outcome === "rolled-back" ? unhealthy : `${unhealthy}; ${end.reason}` };
}

// The answer may get lost after the host began: asking again with the same id tells. A listener that is killed is back within seconds.
async function begin(host: Host, request: Activation, signal: AbortSignal): Promise<void> {
  const start = Date.now();
  for (let attempt = 1; ; attempt++) {
    try {
      await host.begin(request, { signal });
      return;
    } catch (error) {
      if (signal.aborted) {
        if (signal.reason !== leftToItself) await callOff(host, request.id);
        throw error;
      }
      if (!isLostLink(error) || (attempt >= 3 && Date.now() > start + beginPatience)) throw error;
      await delay(second, undefined, { signal });
    }
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
async function callOff(host: Host, id: string, reason?: string): Promise<string | undefined> {
  return host.abort(id, { signal: AbortSignal.timeout(5 * second), reason }).catch(() => undefined);
}
