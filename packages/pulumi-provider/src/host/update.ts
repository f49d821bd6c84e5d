import type { Call, UpdateRequest } from "../service.ts";
import type { Properties } from "../values.ts";
import { deployHost } from "./deploy-host.ts";
import { warnOfEvaluationError } from "./evaluation-warning.ts";
import type { HostContext } from "./host-context.ts";
import { goalOf, readInputs } from "./inputs.ts";
import { expectedOutputs } from "./outputs.ts";

/** Brings a host of the stack to its wanted toplevel. */
export async function updateHost(
  { address, id, oldOutputs, inputs, preview }: UpdateRequest,
  context: HostContext,
  call: Call,
): Promise<Properties> {
  if (preview) {
    const given = readInputs(inputs);
    warnOfEvaluationError(id, given, call);
    return expectedOutputs(inputs, goalOf(given), oldOutputs);
  }
  return deployHost({ host: id, address, inputs, known: oldOutputs }, context, call);
}
