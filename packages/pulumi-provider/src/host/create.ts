import type { Call, CreateRequest, ResourceState } from "../service.ts";
import { deployHost } from "./deploy-host.ts";
import { warnOfEvaluationError } from "./evaluation-warning.ts";
import type { HostContext } from "./host-context.ts";
import { goalOf, readInputs } from "./inputs.ts";
import { expectedOutputs } from "./outputs.ts";

/** Takes a host into the stack: deploys to it, which touches nothing when it already has the wanted toplevel. */
export async function createHost(
  { address, inputs, preview }: CreateRequest,
  context: HostContext,
  call: Call,
): Promise<ResourceState> {
  const given = readInputs(inputs);
  const host = given.attribute ?? address.name;
  if (preview) {
    warnOfEvaluationError(host, given, call);
    return { id: "", outputs: expectedOutputs(inputs, goalOf(given), {}) };
  }
  return { id: host, outputs: await deployHost({ host, address, inputs, known: {} }, context, call) };
}
