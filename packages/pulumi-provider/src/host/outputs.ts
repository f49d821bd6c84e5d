import {
  activates,
  type DeploymentResult,
  type Goal,
  type HostStatus,
  persists,
  type SeenHost,
} from "@homelab-deploy/core";
import { hostOutputsShape } from "../definitions/host.ts";
import { type Properties, reveal, unknown, type Value } from "../values.ts";

/** State of a host: its inputs, and what the host says of itself. */
export function hostOutputs(
  inputs: Properties,
  status: HostStatus,
  outcome?: DeploymentResult["outcome"],
): Properties {
  return {
    ...inputs,
    system: status.running,
    bootedSystem: status.booted,
    bootDefault: status.bootDefault,
    profile: status.profile,
    generation: status.generation,
    rebootRequired: status.rebootRequired,
    nixosVersion: status.nixosVersion,
    outcome,
  };
}

/** State of a host that is off, and gets its system when it is back; `known` is empty for a host that was never seen. */
export function pendingOutputs(inputs: Properties, known: Properties): Properties {
  const seen = Object.entries(known).filter(([key]) => seenKeys.has(key));
  return { ...inputs, ...Object.fromEntries(seen), outcome: "pending" };
}

/** Whether the host was off at its last deployment, and has not been seen since to be as wanted. */
export function isPending(outputs: Properties): boolean {
  return reveal(outputs.outcome) === "pending";
}

const seenKeys = new Set(Object.keys(hostOutputsShape));

/** State that a preview expects after the deployment; `before` is empty for a new host. */
export function expectedOutputs(inputs: Properties, goal: Goal, before: Properties): Properties {
  const toplevel = inputs.toplevel ?? unknown;
  const expect = (key: string, changes: boolean): Value => (changes ? toplevel : (before[key] ?? unknown));
  return {
    ...inputs,
    system: expect("system", activates(goal)),
    bootedSystem: expect("bootedSystem", false),
    bootDefault: expect("bootDefault", persists(goal)),
    profile: expect("profile", persists(goal)),
    generation: unknown,
    rebootRequired: unknown,
    nixosVersion: unknown,
    outcome: unknown,
  };
}

/** What stored outputs say; those of another version may say less. */
export function seenIn(outputs: Properties): SeenHost {
  const pathIn = (key: string) => {
    const value = reveal(outputs[key]);
    return typeof value === "string" ? value : undefined;
  };
  return {
    running: pathIn("system"),
    profile: pathIn("profile"),
    bootDefault: pathIn("bootDefault"),
    rebootRequired: reveal(outputs.rebootRequired) === true,
  };
}
