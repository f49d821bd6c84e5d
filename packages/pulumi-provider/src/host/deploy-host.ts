import {
  DeployError,
  type DeploymentRequest,
  type DeploymentResult,
  explain,
  type HostStatus,
  isDeployed,
  type SeenHost,
  toDeployError,
} from "@homelab-deploy/core";
import type { HostInputs } from "../definitions/host.ts";
import { type Call, type ResourceAddress, ResourceInitFailed } from "../service.ts";
import type { Properties } from "../values.ts";
import { type HostContext, reach } from "./host-context.ts";
import { goalOf, readInputs } from "./inputs.ts";
import { hostOutputs, pendingOutputs, seenIn } from "./outputs.ts";
import { createProgress } from "./progress.ts";

export interface HostDeployment {
  readonly host: string;
  readonly address: ResourceAddress;
  readonly inputs: Properties;
  /** Its state before; empty for a host that is new to the stack. */
  readonly known: Properties;
}

/**
 * Brings the host to its toplevel and returns its new state. Throws `evaluation-failed` with Nix's message for a host
 * that does not evaluate, the deployment's own DeployError when the host is as before, and ResourceInitFailed
 * with what the host has become when it changed and the deployment failed all the same.
 */
export async function deployHost(
  deployment: HostDeployment,
  context: HostContext,
  call: Call,
): Promise<Properties> {
  const { host, inputs } = deployment;
  const given = readInputs(inputs);
  if (given.evaluationError !== undefined) {
    throw new DeployError("evaluation-failed", `${host} does not evaluate: ${given.evaluationError}`);
  }
  const request = toRequest(deployment, given, context);
  const onEvent = createProgress(call.log);
  try {
    const result = await context.deployer.deploy(request, { signal: call.signal, onEvent });
    if (result.outcome === "pending") return pendingOutputs(inputs, deployment.known);
    const { outcome, status } = result;
    call.log("ephemeral", summarize(outcome, status));
    return hostOutputs(inputs, status, outcome);
  } catch (error) {
    const failure = toDeployError(error, "outcome-unknown");
    const status = await lookAfter(failure, request, context);
    if (status === undefined || !hasChanged(status, seenIn(deployment.known), request)) throw error;
    const state = { id: host, outputs: hostOutputs(inputs, status) };
    throw new ResourceInitFailed(explain(failure), state, { cause: error });
  }
}

// What stays on the host's row.
function summarize(outcome: DeploymentResult["outcome"], { generation }: HostStatus): string {
  if (outcome === "dry-activated") return "nothing was changed";
  return `generation ${generation}${outcome === "unchanged" ? ", which is there already" : ""}`;
}

function toRequest(
  { host, address, inputs }: HostDeployment,
  given: Partial<HostInputs>,
  context: HostContext,
): DeploymentRequest {
  const { toplevel, derivation, revision, buildOn, rollback = {} } = given;
  const { healthChecks, hooks, reboot, rebootAt, rebootTimeout } = given;
  if (toplevel === undefined) {
    throw new DeployError("invalid-input", `no toplevel for ${host}: ${JSON.stringify(inputs.toplevel)}`);
  }
  return {
    name: host,
    connection: reach(context, host, given),
    toplevel,
    ...(derivation !== undefined && { derivation }),
    ...(revision !== undefined && { revision }),
    goal: goalOf(given),
    rollback,
    healthChecks,
    hooks,
    reboot,
    rebootAt,
    rebootTimeout,
    stack: `${address.project}.${address.stack}`,
    ...(buildOn !== undefined && { buildOn }),
    cache: cacheOf(given, context),
    signingKeyFile: context.signingKeyFile?.(),
    gcRoot: `${address.project}.${address.stack}/${host}`.replaceAll(/[^A-Za-z0-9._/-]/g, "_"),
  };
}

function cacheOf(
  given: Partial<HostInputs>,
  { config, identityFile }: HostContext,
): DeploymentRequest["cache"] {
  const cache = given.cache ?? config.cache;
  return cache && { ...cache, identityFile: config.connection?.ssh?.identityFile ?? identityFile() };
}

const mayHaveChanged = new Set<DeployError["code"]>([
  "rollback-failed",
  "superseded",
  "outcome-unknown",
  "timeout",
]);
const patience = 5_000;

/** What the host says after a deployment whose end is not certain; nothing when it does not answer. */
async function lookAfter(
  failure: DeployError,
  { name, connection }: DeploymentRequest,
  { deployer }: HostContext,
): Promise<HostStatus | undefined> {
  if (!mayHaveChanged.has(failure.code)) return undefined;
  try {
    return await deployer.inspectHost(name, connection, { signal: AbortSignal.timeout(patience) });
  } catch {
    return undefined;
  }
}

function hasChanged(status: HostStatus, before: SeenHost, request: DeploymentRequest): boolean {
  if (isDeployed(request, status) || status.running === request.toplevel) return true;
  const differs = (now: string | undefined, then: string | undefined) => then !== undefined && now !== then;
  return differs(status.running, before.running) || differs(status.profile, before.profile);
}
