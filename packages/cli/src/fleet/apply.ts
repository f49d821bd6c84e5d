import {
  connectionOf,
  createBuilder,
  DeployError,
  type DeploymentRequest,
  deploy,
  explain,
  type FleetHost,
  toDeployError,
} from "@homelab-deploy/core";
import pLimit from "p-limit";
import { paint } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";
import type { Progress } from "./progress.ts";
import type { FleetRequest } from "./request.ts";
import { shortName } from "./short-name.ts";

/** What goes before what the hosts' own definitions say. */
export type ApplyPolicy = Partial<
  Pick<DeploymentRequest, "goal" | "reboot" | "rollback" | "cache" | "signingKeyFile">
>;

/** What became of a host. */
export interface HostResult {
  readonly name: string;
  /** How its deployment ended, `unchanged`, or the code of the error. */
  readonly outcome: string;
  readonly done: boolean;
  readonly running?: string | undefined;
  readonly generation?: number | undefined;
  readonly rebootRequired?: boolean | undefined;
  readonly seconds: number;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string | undefined };
}

export interface ApplyOptions {
  readonly request: FleetRequest;
  readonly policy: ApplyPolicy;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Brings all hosts to their systems, several side by side. One that fails does so alone. */
export async function apply(
  hosts: readonly FleetHost[],
  { request, policy, progress, signal }: ApplyOptions,
): Promise<HostResult[]> {
  const limit = pLimit(request.parallel);
  const builder = createBuilder();
  const applyOne = async (host: FleetHost): Promise<HostResult> => {
    const { name } = host;
    const start = Date.now();
    const seconds = () => Math.round((Date.now() - start) / 1000);
    try {
      signal.throwIfAborted();
      const wanted = toDeployment(host, policy, request);
      const { outcome, status } = await deploy(wanted, { builder, signal, onEvent: progress.of(name) });
      const { running, generation, rebootRequired } = status;
      progress.end(name, `${outcome}: generation ${generation}`);
      return { name, outcome, done: true, running, generation, rebootRequired, seconds: seconds() };
    } catch (cause) {
      const error = toDeployError(cause, "outcome-unknown");
      const { code, message, hint } = error;
      progress.end(name, explain(error));
      return { name, outcome: code, done: false, seconds: seconds(), error: { code, message, hint } };
    }
  };
  return Promise.all(hosts.map((host) => limit(() => applyOne(host))));
}

function toDeployment(host: FleetHost, policy: ApplyPolicy, { defaults }: FleetRequest): DeploymentRequest {
  const { name, toplevel, derivation, goal = "switch", buildOn, healthChecks, revision } = host;
  const { reboot, rebootAt, rebootTimeout, evaluationError } = host;
  if (toplevel === undefined) {
    throw new DeployError("evaluation-failed", `${name} does not evaluate: ${evaluationError}`);
  }
  return {
    ...{ name, toplevel, derivation, goal, buildOn, healthChecks, revision, reboot, rebootAt, rebootTimeout },
    ...policy,
    connection: connectionOf(name, host, defaults),
    rollback: { ...host.rollback, ...policy.rollback },
    gcRoot: `homelab-deploy/${name}`,
  };
}

/** What became of the hosts as a table. */
export function resultTable(results: readonly HostResult[]): string {
  const rows = results.map(({ name, outcome, done, running, generation, seconds, rebootRequired, error }) => [
    name,
    done ? outcome : paint("bad", outcome),
    generation === undefined ? "-" : String(generation),
    running === undefined ? "-" : shortName(running, name),
    rebootRequired ? paint("notable", "pending") : "-",
    `${seconds} s`,
    error?.message.split("\n")[0] ?? "",
  ]);
  return table(["HOST", "OUTCOME", "GENERATION", "RUNNING", "REBOOT", "TIME", "ERROR"], rows);
}
