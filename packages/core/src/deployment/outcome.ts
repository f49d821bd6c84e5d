import { DeployError, toDeployError } from "../errors.ts";
import { activates, type Goal } from "../model/goal.ts";
import type { GuardEvent, Outcome } from "../model/guard-event.ts";

export type End = GuardEvent & { type: "end" };

/** The good outcomes of deployment `id`; throws what the others mean for the user. */
export function judgeEnd(host: string, id: string, { outcome, reason }: End): Outcome {
  switch (outcome) {
    case "committed":
    case "activated":
    case "dry-activated":
      return outcome;
    case "rolled-back":
      throw new DeployError("rolled-back", `${host} was rolled back: ${reason}`);
    case "rollback-failed":
      throw new DeployError("rollback-failed", `${host} could not be rolled back: ${reason}`, {
        hint: `Look at it: ssh ${host} journalctl -u 'homelab-activate-*'. A reboot starts what its boot loader names.`,
      });
    case "superseded":
      throw new DeployError("superseded", `${host} was left to somebody else: ${reason}`, {
        hint: "Look at the host; then refresh, and deploy again if this system is still wanted.",
      });
    case "failed":
      throw new DeployError("refused", `${host}: ${reason}`);
    default:
      outcome satisfies never;
      throw new DeployError("bad-answer", `${host} told an unknown outcome of ${id}`);
  }
}

/** Reason of an abort after which the host goes on by itself, and somebody else follows it to its end. */
export const leftToItself = new DeployError("cancelled", "left to go on by itself");

/** What an interruption means, given the decision that the host has told, if it could. */
export function cancelled(
  host: string,
  goal: Goal,
  cause: unknown,
  decision: string | undefined,
): DeployError {
  const reason = toDeployError(cause, "cancelled").message;
  if (!activates(goal)) return new DeployError("cancelled", `${reason}; ${host} finishes by itself`);
  if (decision === "confirmed" || decision === "") {
    return new DeployError("outcome-unknown", `${reason} too late: the deployment of ${host} was decided`);
  }
  return new DeployError("cancelled", `${reason}; ${host} puts back what it ran before`);
}
