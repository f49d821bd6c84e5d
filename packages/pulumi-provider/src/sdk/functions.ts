import { RunError } from "@pulumi/pulumi/errors.js";
import type { InvokeOptions, InvokeOutputOptions } from "@pulumi/pulumi/invoke.js";
import type { Output } from "@pulumi/pulumi/output.js";
import { invoke, invokeOutput } from "@pulumi/pulumi/runtime/invoke.js";
import { evaluateToken, getFleetToken } from "../tokens.ts";
import { version } from "../version.ts";
import type {
  EvaluateArgs,
  EvaluateOutputArgs,
  EvaluateResult,
  GetFleetArgs,
  GetFleetOutputArgs,
  GetFleetResult,
} from "./types.ts";

/** Evaluates the named hosts of a flake or file, all of them when none is named. */
export function evaluate(args: EvaluateArgs = {}, options: InvokeOptions = {}): Promise<EvaluateResult> {
  return told(invoke(evaluateToken, { ...args }, { version, ...options }));
}

/** `evaluate` for arguments that are outputs of resources. */
export function evaluateOutput(
  args: EvaluateOutputArgs = {},
  options: InvokeOutputOptions = {},
): Output<EvaluateResult> {
  return invokeOutput(evaluateToken, { ...args }, { version, ...options });
}

/** Evaluates the hosts of a flake or file that belong to a tier, have a role, tags or names. */
export function getFleet(args: GetFleetArgs = {}, options: InvokeOptions = {}): Promise<GetFleetResult> {
  return told(invoke(getFleetToken, { ...args }, { version, ...options }));
}

/** `getFleet` for arguments that are outputs of resources. */
export function getFleetOutput(
  args: GetFleetOutputArgs = {},
  options: InvokeOutputOptions = {},
): Output<GetFleetResult> {
  return invokeOutput(getFleetToken, { ...args }, { version, ...options });
}

// Pulumi prints this kind of error without the stack of the call, which is none of the program's.
function told<T>(result: Promise<T>): Promise<T> {
  return result.catch((error: Error) => {
    throw new RunError(error.message, { cause: error });
  });
}
