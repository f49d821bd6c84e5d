import { type DeploymentRecord, type FleetHost, type HostStatus, isDeployed } from "@homelab-deploy/core";
import type { Surveyed } from "./survey.ts";

/** One host as `status` tells it. What is not known is not there. */
export interface HostReport {
  readonly name: string;
  readonly tier?: string | undefined;
  readonly role?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Toplevel that the source wants. */
  readonly wanted?: string | undefined;
  readonly evaluationError?: string | undefined;
  readonly running?: string | undefined;
  readonly booted?: string | undefined;
  /** Toplevel that is booted next. */
  readonly bootDefault?: string | undefined;
  /** Whether something is left to do for the host to be as wanted. */
  readonly behind?: boolean | undefined;
  readonly generation?: number | undefined;
  /** Number of the generation that is booted next. */
  readonly bootGeneration?: number | undefined;
  /** When what runs was deployed, or became a generation. */
  readonly since?: string | undefined;
  /** Who deployed what runs. */
  readonly by?: string | undefined;
  readonly rebootRequired?: boolean | undefined;
  readonly failedUnits?: readonly string[] | undefined;
  readonly lastDeployment?:
    | {
        readonly id: string;
        readonly goal: string;
        readonly outcome: string;
        readonly since: string;
        readonly by: string;
        readonly reason?: string | undefined;
      }
    | undefined;
  /** Why there is no answer. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

/** What a host's answer says, beside what its source wants. */
export function report({ host, answer, error }: Surveyed<HostStatus>): HostReport {
  const { name, tier, role, tags, toplevel: wanted, evaluationError } = host;
  return {
    ...{ name, tier, role, tags, wanted, evaluationError },
    ...(answer && reportStatus(host, answer)),
    error: error && { code: error.code, message: error.message },
  };
}

function reportStatus({ toplevel, goal = "switch" }: FleetHost, status: HostStatus) {
  const { running, booted, bootDefault, generation, rebootRequired, failedUnits, deployments } = status;
  const deployed = deployments.find(
    ({ to, outcome }) => to === running && (outcome === "committed" || outcome === "activated"),
  );
  const created = status.generations.find((one) => one.toplevel === running)?.created;
  const since = deployed?.since ?? created;
  return {
    ...{ running, booted, bootDefault, generation, rebootRequired, failedUnits, by: deployed?.by },
    bootGeneration: numberOf(bootDefault, status),
    behind: toplevel === undefined ? undefined : !isDeployed({ goal, toplevel }, status),
    since: since === undefined ? undefined : toTime(since),
    lastDeployment: deployments[0] && reportDeployment(deployments[0]),
  };
}

// Of a system that is several generations, the one of the profile, else the newest.
function numberOf(toplevel: string | undefined, { profile, generation, generations }: HostStatus) {
  if (toplevel === profile) return generation;
  const numbers = generations.filter((one) => one.toplevel === toplevel).map(({ number }) => number);
  return numbers.length > 0 ? Math.max(...numbers) : undefined;
}

function reportDeployment({ id, goal, outcome, since, by, reason, phase }: DeploymentRecord) {
  return { id, goal, outcome: outcome ?? `under way (${phase})`, since: toTime(since), by, reason };
}

function toTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
