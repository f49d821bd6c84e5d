import type { Goal } from "@homelab-deploy/core";
import { checkProperties } from "../definitions/check.ts";
import { type HostInputs, hostInputsShape } from "../definitions/host.ts";
import type { Properties } from "../values.ts";

export const defaultGoal: Goal = "switch";

/**
 * The inputs in `properties` that this version understands. State may have been written by another version, so
 * what is missing, unknown or of another form is left out.
 */
export function readInputs(properties: Properties): Partial<HostInputs> {
  const understood = Object.entries(properties).filter(([key]) => Object.hasOwn(hostInputsShape, key));
  return checkProperties(hostInputsShape, Object.fromEntries(understood), "a host").values;
}

export function goalOf(inputs: Partial<HostInputs>): Goal {
  return inputs.goal ?? defaultGoal;
}
