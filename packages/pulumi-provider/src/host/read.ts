import {
  DeployError,
  explain,
  type Goal,
  type HostStatus,
  isDeployed,
  isHostName,
  persists,
  toDeployError,
} from "@homelab-deploy/core";
import type { Call, ReadRequest, ReadResult } from "../service.ts";
import type { Properties, Value } from "../values.ts";
import { type HostContext, reach } from "./host-context.ts";
import { goalOf, readInputs } from "./inputs.ts";
import { hostOutputs, isPending } from "./outputs.ts";

/**
 * Looks at the host. In a refresh the inputs come back with the toplevel that the host really has; a host that cannot
 * be reached keeps its state, since only proof changes it. In an import, which knows the id alone, the host has to
 * answer.
 */
export async function readHost(request: ReadRequest, context: HostContext, call: Call): Promise<ReadResult> {
  const { id, inputs, outputs } = request;
  refuseUnlessHostName(id);
  const known = inputs ?? { attribute: id, goal: "switch" };
  const given = readInputs(known);
  let status: HostStatus;
  try {
    status = await context.deployer.inspectHost(id, reach(context, id, given), { signal: call.signal });
  } catch (error) {
    if (inputs === undefined || outputs === undefined || !isSilence(error)) throw error;
    call.log("warning", `the state of ${id} is kept as it was last seen: ${explain(error)}`);
    return { id, inputs, outputs };
  }
  warnOfFailedUnits(id, status, call);
  const seen = withSeenToplevel(known, goalOf(given), status);
  return {
    id,
    inputs: seen,
    outputs: { ...hostOutputs(seen, status), outcome: outcomeOf(given, outputs, status) },
  };
}

// A host that was off has become what was wanted, or may still do so.
function outcomeOf(
  given: ReturnType<typeof readInputs>,
  outputs: Properties | undefined,
  status: HostStatus,
): Value | undefined {
  const { toplevel, reboot } = given;
  const goal = goalOf(given);
  if (outputs === undefined || !isPending(outputs) || toplevel === undefined) return outputs?.outcome;
  if (!isDeployed({ goal, toplevel, reboot }, status)) return outputs.outcome;
  return persists(goal) ? "committed" : "activated";
}

function refuseUnlessHostName(id: string): void {
  if (isHostName(id)) return;
  throw new DeployError("invalid-input", `not the name of a host: ${JSON.stringify(id)}`, {
    hint: "A host is imported by its name: pulumi import nixos:index:Host web01 web01",
  });
}

function isSilence(error: unknown): boolean {
  const { code } = toDeployError(error, "bad-answer");
  return code === "unreachable" || code === "timeout";
}

function warnOfFailedUnits(id: string, { failedUnits }: HostStatus, { log }: Call): void {
  if (failedUnits.length > 0) log("warning", `failed units on ${id}: ${failedUnits.join(", ")}`);
}

/** The inputs that would have led to what the host has now. */
function withSeenToplevel(inputs: Properties, goal: Goal, status: HostStatus): Properties {
  const { toplevel } = readInputs(inputs);
  if (toplevel !== undefined && isDeployed({ goal, toplevel }, status)) return inputs;
  const actual = deviation(goal, toplevel, status);
  const { derivation, ...others } = inputs;
  return { ...others, toplevel: actual, ...(actual === toplevel && { derivation }) };
}

/** Of what the host has, the part that is not as wanted: what runs, or else what it boots. */
function deviation(goal: Goal, wanted: string | undefined, status: HostStatus): string {
  const { running, profile = running, bootDefault = profile } = status;
  if (!persists(goal)) return running;
  const candidates = goal === "boot" ? [profile, bootDefault] : [running, profile, bootDefault];
  return candidates.find((toplevel) => toplevel !== wanted) ?? running;
}
