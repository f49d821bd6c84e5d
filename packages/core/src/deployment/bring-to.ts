import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { requireFeatures } from "../activation/features.ts";
import { isLostLink, toDeployError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Connection } from "../model/connection.ts";
import { toMilliseconds } from "../model/duration.ts";
import { activates, type Goal } from "../model/goal.ts";
import { type HealthCheck, runsOnHost } from "../model/health-check.ts";
import type { HookContext, HookName } from "../model/hooks.ts";
import type { HostStatus } from "../model/host-status.ts";
import { deadlines } from "../model/rollback-policy.ts";
import type { StorePath } from "../model/store-path.ts";
import { type Activation, activate } from "./activate.ts";
import { deployer } from "./deployer.ts";
import { checksDuration, runControllerChecks } from "./health-checks.ts";
import { runHook } from "./hooks.ts";
import { oneRebootAtATime, reasonsToReboot, verifyReboot } from "./reboot.ts";
import type { ActivationPolicy, DeploymentResult, HostOptions } from "./request.ts";

export interface Target {
  /** Names this very attempt. Default: a new one. */
  readonly id?: string | undefined;
  /** Who deploys. Default: this user of this machine. */
  readonly by?: string | undefined;
  readonly toplevel: StorePath;
  readonly goal: Goal;
  readonly connection?: Connection | undefined;
  readonly revision?: string | undefined;
  /** The generation of the host that `toplevel` is, when it goes back to one. */
  readonly generation?: number | undefined;
  /** What the host said before. */
  readonly before: HostStatus;
  /** Brings the toplevel into the host's store; runs the hook when there is something to bring. */
  fetch(beforeCopy: () => Promise<void>): Promise<void>;
}

/** Fetches and activates a system under guard, with its health checks, hooks and reboots; tells what the host is then. */
export async function bringTo(
  host: Host,
  target: Target,
  policy: ActivationPolicy,
  { signal, onEvent, onActivation, onBegun, verify: verifyFurther }: HostOptions,
): Promise<DeploymentResult> {
  const { toplevel, goal, before } = target;
  const activation = toActivation(target, policy);
  requireFeatures(host.name, before, neededFeatures(activation));
  const context = hookContext(host.name, activation.id, target, policy);
  const hook = (name: HookName, result: Pick<HookContext, "outcome" | "reason"> = {}) =>
    runHook(name, policy.hooks ?? {}, { ...context, ...result }, { signal, onEvent });
  const verify = async (limit: AbortSignal) => {
    const reason = await runControllerChecks(policy.healthChecks ?? [], context, { signal: limit, onEvent });
    if (reason === undefined) return verifyFurther?.(limit);
    if (policy.rollback.unhealthy !== "warn") return reason;
    onEvent({ type: "warning", message: reason });
    return verifyFurther?.(limit);
  };
  const run = async (reboot: boolean): Promise<DeploymentResult> => {
    if (reboot) await hook("beforeReboot");
    await onActivation?.({ ...activation, reboot });
    const outcome = await activate(host, { ...activation, reboot }, { signal, onEvent, onBegun, verify });
    const status = await inspectAfter(host, signal);
    if (reboot) verifyReboot(host.name, toplevel, before, status);
    if (reboot) await hook("afterReboot", { outcome });
    return { outcome, status };
  };
  const attempt = async (): Promise<DeploymentResult> => {
    await target.fetch(() => hook("beforeCopy"));
    await hook("beforeActivation");
    const reasons = await reasonsToReboot(host, toplevel, goal, policy, before, { signal, onEvent });
    if (reasons.length === 0) return run(false);
    requireFeatures(host.name, before, ["reboot"]);
    onEvent({ type: "notice", message: `a reboot is needed: ${reasons.join(", ")} changed` });
    return oneRebootAtATime(() => run(true), { signal, onEvent });
  };
  const result = await attempt().catch(async (error: unknown) => {
    const failure = toDeployError(error, "outcome-unknown");
    if (!signal.aborted) await hook("onFailure", { outcome: failure.code, reason: failure.message });
    throw error;
  });
  if (activates(goal)) await hook("afterHealthy", { outcome: result.outcome });
  return result;
}

function toActivation(
  { id = randomUUID(), by = deployer(), toplevel, goal, revision, generation }: Target,
  { rollback, rebootTimeout = "10m", healthChecks = [] }: ActivationPolicy,
): Activation {
  const limits = deadlines(rollback);
  return {
    id,
    token: randomBytes(24).toString("base64url"),
    to: toplevel,
    goal,
    by,
    revision,
    generation,
    confirmTimeout: limits.confirm + checksDuration(healthChecks),
    activationTimeout: limits.activation,
    rebootTimeout: toMilliseconds(rebootTimeout),
    unhealthy: rollback.unhealthy,
    rescue: rollback.rescue,
    checks: healthChecks.filter(runsOnHost),
  };
}

// What an older guard would leave out without a word.
function neededFeatures({ checks = [], generation, rescue }: Activation): string[] {
  return [
    checks.length > 0 && "checks",
    checks.some(({ command }: HealthCheck) => command !== undefined) && "command-checks",
    generation !== undefined && "rollback",
    rescue === "reboot" && "rescue",
  ].filter((feature) => feature !== false);
}

function hookContext(
  host: string,
  deployment: string,
  { connection, toplevel, before, goal, revision }: Target,
  { stack }: ActivationPolicy,
): HookContext {
  const address = connection?.local === undefined ? (connection?.ssh?.host ?? host) : "localhost";
  return { host, address, toplevel, previous: before.running, goal, revision, deployment, stack };
}

// The deployment is done: a connection that is lost just now must not make it look failed.
async function inspectAfter(host: Host, signal: AbortSignal): Promise<HostStatus> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await host.inspect({ signal });
    } catch (error) {
      if (attempt === 5 || !isLostLink(error)) throw error;
      await delay(1000, undefined, { signal });
    }
  }
}
