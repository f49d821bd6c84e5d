import { shortName } from "../fleet/short-name.ts";
import { paint } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";
import type { DeploymentSummary } from "./summaries.ts";

const head = ["BEGUN (UTC)", "HOST", "TIER", "GOAL", "SYSTEM", "REVISION", "BY", "TOOK", "OUTCOME"];

/** The deployments of a fleet as a table. */
export function fleetHistoryTable(deployments: readonly DeploymentSummary[]): string {
  return table(
    head,
    deployments.map((deployment) => toRow(deployment)),
  );
}

function toRow(deployment: DeploymentSummary): string[] {
  const { begun, host, tier, goal, to, revision, by, seconds } = deployment;
  return [
    begun.slice(0, 19).replace("T", " "),
    ...[host, tier].map(plain),
    goal === undefined ? "-" : plain(goal),
    to === undefined ? "-" : plain(shortName(to, host)),
    revision === undefined ? "-" : plain(revision.slice(0, 12)),
    by === undefined ? "-" : plain(by),
    seconds === undefined ? "-" : `${Math.round(seconds)} s`,
    outcomeOf(deployment),
  ];
}

function outcomeOf({ outcome, reason, phase }: DeploymentSummary): string {
  if (outcome === undefined)
    return paint("notable", `under way${phase === undefined ? "" : ` (${plain(phase)})`}`);
  if (["committed", "activated", "dry-activated"].includes(outcome)) return outcome;
  return `${paint("bad", outcome)}${reason === undefined ? "" : `: ${plain(reason)}`}`;
}

// Hosts wrote it: no line of theirs becomes two, and none has orders for the terminal.
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}
