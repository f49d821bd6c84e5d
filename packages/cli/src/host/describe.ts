import type { PastDeployment } from "@homelab-deploy/core";

/** One deployment of a host's history in a line or two. */
export function describeDeployment(deployment: PastDeployment): string {
  const {
    id,
    by,
    goal,
    from,
    to,
    since,
    phase,
    outcome = `under way (${phase})`,
    reason,
    revision,
  } = deployment;
  const when = new Date(since * 1000).toISOString().slice(0, 19).replace("T", " ");
  const what = from === to ? to : `${from}\n    → ${to}`;
  const details = [
    `${when} UTC`,
    outcome,
    goal,
    `by ${by}`,
    revision && `from ${revision}`,
    duration(deployment),
  ];
  const head = `${id}  ${details.filter((detail) => detail).join(", ")}`;
  return [head, `    ${what}`, ...(reason ? [`    ${reason}`] : [])].join("\n");
}

// By the uptime where there was no restart in between: a clock that jumps is no measure.
function duration({ events }: PastDeployment): string {
  const [first, last] = [events[0], events.at(-1)];
  if (first === undefined || last === undefined || last.type !== "end") return "";
  const restarted = events.some(({ type }) => type === "booted");
  return `${restarted ? last.time - first.time : last.uptime - first.uptime} s`;
}
