import { type DeploymentEvent, renderEvent } from "@homelab-deploy/core";
import type { Log } from "../service.ts";

const interval = 500;

/**
 * Writes a deployment's events on the host's row. Progress is written at most twice a second, and the last step of
 * it always; `now` gives milliseconds.
 */
export function createProgress(log: Log, now: () => number = Date.now): (event: DeploymentEvent) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (event) => {
    const line = renderEvent(event);
    const throttled = isProgress(event) && !isComplete(event) && now() - last < interval;
    if (throttled) return;
    if (isProgress(event)) last = now();
    log(kindOf(event), line);
  };
}

type ProgressEvent = Extract<DeploymentEvent, { type: "build-progress" | "copy-progress" }>;

function isProgress(event: DeploymentEvent): event is ProgressEvent {
  return event.type === "build-progress" || event.type === "copy-progress";
}

function isComplete(event: ProgressEvent): boolean {
  return event.type === "build-progress" ? event.done >= event.total : event.bytes >= event.totalBytes;
}

function kindOf(event: DeploymentEvent): Parameters<Log>[0] {
  if (event.type === "warning") return "warning";
  if (event.type === "check" && event.state === "failed") return "warning";
  return event.type === "notice" ? "info" : "ephemeral";
}
