import type { DeploymentEvent } from "./events.ts";

/** An event as one line for people. */
export function renderEvent(event: DeploymentEvent): string {
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
