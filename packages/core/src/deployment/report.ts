import type { GuardEvent } from "../model/guard-event.ts";
import type { OnEvent, Phase } from "./events.ts";

/** What the guard tells, as an event of the deployment. */
export function report(event: GuardEvent, onEvent: OnEvent): void {
  switch (event.type) {
    case "phase": {
      const phase = phases[event.phase];
      if (phase !== undefined) onEvent({ type: "phase", phase });
      break;
    }
    case "output":
      onEvent({ type: "output", line: event.line });
      break;
    case "unit-failed":
      onEvent({ type: "warning", message: [`${event.unit} failed:`, ...event.journal].join("\n  ") });
      break;
    case "check":
    case "notice":
    case "warning":
      onEvent(event);
      break;
    case "rolling-back":
      onEvent({ type: "notice", message: `rolling back: ${event.reason}` });
      break;
    case "booted":
      onEvent({ type: "notice", message: `booted ${event.toplevel} (boot ${event.bootId})` });
      break;
    case "alive":
    case "other":
    case "end":
      break;
  }
}

// The controller itself tells of the phases before these.
const phases: Readonly<Record<string, Phase>> = {
  judging: "judging",
  arming: "rebooting",
  committing: "committing",
  "rolling-back": "rolling-back",
};
