import type { DeploymentEvent, OnEvent } from "./events.ts";

const interval = 500;

/** Hands events on to `onEvent`: progress at most twice a second, and the last step of it always; `now` gives milliseconds. */
export function throttle(onEvent: OnEvent, now: () => number = Date.now): OnEvent {
  let last = Number.NEGATIVE_INFINITY;
  return (event) => {
    const throttled = isProgress(event) && !isComplete(event) && now() - last < interval;
    if (throttled) return;
    if (isProgress(event)) last = now();
    onEvent(event);
  };
}

type ProgressEvent = Extract<DeploymentEvent, { type: "build-progress" | "copy-progress" }>;

function isProgress(event: DeploymentEvent): event is ProgressEvent {
  return event.type === "build-progress" || event.type === "copy-progress";
}

function isComplete(event: ProgressEvent): boolean {
  return event.type === "build-progress" ? event.done >= event.total : event.bytes >= event.totalBytes;
}
