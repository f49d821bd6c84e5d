import { type Activation, DeployError, type HostStatus, toDeployError } from "@homelab-deploy/core";
import type { DeployStatus, WireError } from "@homelab-deploy/core/nats";

/** One response of version 0, but for who gives it. */
export interface Answer {
  readonly status: DeployStatus;
  readonly error?: WireError | null;
  readonly message: string;
}

// A message of NATS is 1 MiB at most, and nobody reads that much.
const longest = 4000;

/** What a deployment that ended well means, in the words of nixos-rebuild's actions. */
export function completed(
  goal: Activation["goal"],
  { generation, running }: HostStatus,
  unchanged = false,
): Answer {
  const words = {
    switch: `Successfully switched to generation ${generation}`,
    boot: `Successfully made generation ${generation} the one to boot`,
    test: `Successfully activated ${running}, until the next boot`,
    "dry-activate": "Successfully looked what an activation would do; nothing was changed",
  };
  return { status: "completed", message: unchanged ? `${words[goal]}: it was that already` : words[goal] };
}

/** What went wrong with a deployment, as version 0 tells it. */
export function failed(reason: unknown): Answer {
  const error = toDeployError(reason, "build-failed");
  const message = error.message.length > longest ? `${error.message.slice(0, longest)}…` : error.message;
  return { status: "failed", error: codeOf(error), message };
}

// Version 0 knows one code for all that nixos-rebuild can fail with.
function codeOf({ code, cause }: DeployError): WireError {
  if (code === "timeout" || (cause instanceof DeployError && cause.code === "timeout")) return "timeout";
  if (code === "locked") return "already_running";
  if (code === "invalid-input") return "invalid_revision";
  return "build_failed";
}
