import type { DeploymentEvent } from "@homelab-deploy/core";
import type { Log } from "../service.ts";

const interval = 500;

/**
 * Writes a deployment's events on the host's row. Progress is written at most twice a second, and the last step of
 * it always; `now` gives milliseconds.
 */
export function createProgress(log: Log, now: () => number = Date.now): (event: DeploymentEvent) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (event) => {
    const line = render(event);
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

function render(event: DeploymentEvent): string {
  switch (event.type) {
    case "phase":
      return event.phase.replace("-", " ");
    case "build-progress":
      return `building ${event.done}/${event.total}`;
    case "copy-progress":
      return `copying ${toMebibytes(event.bytes)}/${toMebibytes(event.totalBytes)} MiB`;
    case "output":
      return event.line;
    case "check":
      return renderCheck(event);
    case "notice":
    case "warning":
      return event.message;
  }
}

type CheckEvent = Extract<DeploymentEvent, { type: "check" }>;

function renderCheck({ name, state, attempt, message }: CheckEvent): string {
  const what = `health check ${name}`;
  if (state === "waiting") return `${what}: ${message} (attempt ${attempt})`;
  return message === "" ? `${what} ${state}` : `${what} ${state}: ${message}`;
}

function toMebibytes(bytes: number): string {
  const amount = bytes / 2 ** 20;
  return amount < 10 ? amount.toFixed(1) : amount.toFixed(0);
}
