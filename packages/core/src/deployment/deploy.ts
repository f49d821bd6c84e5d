import { randomBytes, randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Outcome } from "../activation/protocol.ts";
import { DeployError, isLostLink, toDeployError } from "../errors.ts";
import { openHost } from "../host/connect.ts";
import type { Host } from "../host/host.ts";
import type { Connection } from "../model/connection.ts";
import { toMilliseconds } from "../model/duration.ts";
import { activates, type Goal } from "../model/goal.ts";
import { type HealthCheck, runsOnHost } from "../model/health-check.ts";
import type { HookContext, HookName, Hooks } from "../model/hooks.ts";
import type { HostStatus } from "../model/host-status.ts";
import type { Reboot } from "../model/reboot.ts";
import { deadlines, type RollbackPolicy } from "../model/rollback-policy.ts";
import { parseStorePath, type StorePath } from "../model/store-path.ts";
import { addGcRoot } from "../nix/gc-root.ts";
import { type Activation, activate } from "./activate.ts";
import type { Builder } from "./builder.ts";
import type { OnEvent } from "./events.ts";
import { checksDuration, runControllerChecks } from "./health-checks.ts";
import { runHook } from "./hooks.ts";
import { isDeployed } from "./plan.ts";
import { oneRebootAtATime, reasonsToReboot, verifyReboot } from "./reboot.ts";

export interface DeploymentRequest {
  readonly name: string;
  readonly connection: Connection;
  readonly toplevel: string;
  /** What `toplevel` is built from; without it the toplevel must be in this machine's store already. */
  readonly derivation?: string | undefined;
  readonly goal: Goal;
  readonly rollback: RollbackPolicy;
  /** What must hold before the new system is kept. */
  readonly healthChecks?: readonly HealthCheck[] | undefined;
  /** Commands of the controller at certain points of the deployment. */
  readonly hooks?: Hooks | undefined;
  /** Whether a system with another kernel, initrd, modules or systemd is booted rather than switched to. Default: `never`. */
  readonly reboot?: Reboot | undefined;
  /** How long the host may be away for a reboot, as a duration. Default: `10m`. */
  readonly rebootTimeout?: string | undefined;
  /** Name of the stack that the host belongs to, for hooks. */
  readonly stack?: string | undefined;
  /** `target`: on the host itself, which needs the derivation; `local`, the default: here and on Nix's remote builders. */
  readonly buildOn?: "local" | "target" | undefined;
  /** File with the secret key that signs what is copied to the host. */
  readonly signingKeyFile?: string | undefined;
  /** Git revision that the toplevel comes from, for the host's journal. */
  readonly revision?: string | undefined;
  /** Name of the link that protects the toplevel on this machine, such as `<stack>/<host>`. */
  readonly gcRoot?: string | undefined;
}

export interface DeploymentResult {
  /** `unchanged`: the host already was as wanted, and was not touched. */
  readonly outcome: "unchanged" | Outcome;
  readonly status: HostStatus;
}

export interface DeployOptions {
  readonly builder: Builder;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
}

/**
 * Builds, copies and activates one host under guard, and tells what it is like afterwards. Throws DeployError: with
 * `rolled-back` the host runs what it ran before; with `rollback-failed` or `outcome-unknown` look at the host.
 */
export async function deploy(request: DeploymentRequest, options: DeployOptions): Promise<DeploymentResult> {
  return withHost(request.name, request.connection, (host) => deployTo(host, request, options));
}

/** The same for a host that the caller opened. */
export async function deployTo(
  host: Host,
  request: Omit<DeploymentRequest, "connection" | "name"> & Partial<Pick<DeploymentRequest, "connection">>,
  { builder, signal, onEvent }: DeployOptions,
): Promise<DeploymentResult> {
  const toplevel = parseStorePath(request.toplevel);
  onEvent({ type: "phase", phase: "connecting" });
  const before = await host.inspect({ signal });
  const wanted = { goal: request.goal, toplevel, reboot: request.reboot };
  if (isDeployed(wanted, before)) return { outcome: "unchanged", status: before };
  refuseWhileLocked(host.name, before);

  const id = randomUUID();
  const context = hookContext(host.name, id, before, request);
  const hook = (name: HookName, result: Pick<HookContext, "outcome" | "reason"> = {}) =>
    runHook(name, request.hooks ?? {}, { ...context, ...result }, { signal, onEvent });
  const healthChecks = request.healthChecks ?? [];
  const { unhealthy, rescue } = request.rollback;
  const verify = async (limit: AbortSignal) => {
    const reason = await runControllerChecks(healthChecks, context, { signal: limit, onEvent });
    if (reason === undefined || unhealthy !== "warn") return reason;
    onEvent({ type: "warning", message: reason });
    return undefined;
  };
  const limits = deadlines(request.rollback);
  const activation: Activation = {
    id,
    token: randomBytes(24).toString("base64url"),
    to: toplevel,
    goal: request.goal,
    by: `${userInfo().username}@${hostname()}`,
    revision: request.revision,
    confirmTimeout: limits.confirm + checksDuration(healthChecks),
    activationTimeout: limits.activation,
    rebootTimeout: toMilliseconds(request.rebootTimeout ?? "10m"),
    unhealthy,
    rescue,
    checks: healthChecks.filter(runsOnHost),
  };
  const finish = async (reboot: boolean): Promise<DeploymentResult> => {
    if (reboot) await hook("beforeReboot");
    const outcome = await activate(host, { ...activation, reboot }, { signal, onEvent, verify });
    const status = await inspectAfter(host, signal);
    if (reboot) verifyReboot(host.name, toplevel, before, status);
    if (reboot) await hook("afterReboot", { outcome });
    return { outcome, status };
  };
  let result: DeploymentResult;
  try {
    const beforeCopy = () => hook("beforeCopy");
    if (request.buildOn === "target") await buildThere(host, request, beforeCopy, { signal, onEvent });
    else await buildHere(host, toplevel, request, beforeCopy, { builder, signal, onEvent });
    await hook("beforeActivation");
    const reasons = await reasonsToReboot(host, wanted, signal);
    if (reasons.length > 0)
      onEvent({ type: "notice", message: `a reboot is needed: ${reasons.join(", ")} changed` });
    result =
      reasons.length > 0
        ? await oneRebootAtATime(() => finish(true), { signal, onEvent })
        : await finish(false);
  } catch (error) {
    const failure = toDeployError(error, "outcome-unknown");
    if (!signal.aborted) await hook("onFailure", { outcome: failure.code, reason: failure.message });
    throw error;
  }
  if (activates(request.goal)) await hook("afterHealthy", { outcome: result.outcome });
  return result;
}

function hookContext(
  host: string,
  deployment: string,
  before: HostStatus,
  { connection, toplevel, goal, revision, stack }: Parameters<typeof deployTo>[1],
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

async function buildHere(
  host: Host,
  toplevel: StorePath,
  { derivation, gcRoot, signingKeyFile }: Pick<DeploymentRequest, "derivation" | "gcRoot" | "signingKeyFile">,
  beforeCopy: () => Promise<void>,
  { builder, signal, onEvent }: DeployOptions,
): Promise<void> {
  if (derivation !== undefined) {
    onEvent({ type: "phase", phase: "building" });
    await builder.build({ derivation: parseStorePath(derivation), toplevel }, { signal, onEvent });
  }
  if (gcRoot !== undefined) await addGcRoot(gcRoot, toplevel, signal);
  await beforeCopy();
  onEvent({ type: "phase", phase: "copying" });
  await host.copy(toplevel, {
    signal,
    signingKeyFile,
    onProgress: (progress) => onEvent({ type: "copy-progress", ...progress }),
  });
}

async function buildThere(
  host: Host,
  { derivation }: Pick<DeploymentRequest, "derivation">,
  beforeCopy: () => Promise<void>,
  { signal, onEvent }: Omit<DeployOptions, "builder">,
): Promise<void> {
  if (derivation === undefined) {
    throw new DeployError(
      "invalid-input",
      `${host.name} cannot build its system: there is no derivation to build it from`,
    );
  }
  await beforeCopy();
  onEvent({ type: "phase", phase: "building" });
  const onOutput = (line: string) => onEvent({ type: "output", line });
  await host.realise(parseStorePath(derivation), { signal, onOutput });
}

/** Reads a host without changing it. */
export async function inspectHost(
  name: string,
  connection: Connection,
  options: { readonly signal: AbortSignal },
): Promise<HostStatus> {
  return withHost(name, connection, (host) => host.inspect(options));
}

async function withHost<T>(
  name: string,
  connection: Connection,
  use: (host: Host) => Promise<T>,
): Promise<T> {
  const host = openHost(name, connection);
  try {
    return await use(host);
  } finally {
    await host[Symbol.asyncDispose]();
  }
}

function refuseWhileLocked(name: string, { lock }: HostStatus): void {
  if (lock === undefined) return;
  const since = new Date(lock.since * 1000).toISOString();
  throw new DeployError(
    "locked",
    `${name} is being deployed by ${lock.by} since ${since} (${lock.goal} to ${lock.to})`,
    {
      hint: "Wait for that deployment to end, then try again.",
    },
  );
}
