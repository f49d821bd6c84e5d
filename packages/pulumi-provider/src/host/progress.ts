import { type DeploymentEvent, renderEvent, throttle } from "@homelab-deploy/core";
import type { Log } from "../service.ts";

/** Writes a deployment's events on the host's row; `now` gives milliseconds. */
export function createProgress(log: Log, now: () => number = Date.now): (event: DeploymentEvent) => void {
  return throttle((event) => log(kindOf(event), renderEvent(event)), now);
}

function kindOf(event: DeploymentEvent): Parameters<Log>[0] {
  if (event.type === "warning") return "warning";
  if (event.type === "check" && event.state === "failed") return "warning";
  return event.type === "notice" ? "info" : "ephemeral";
}
