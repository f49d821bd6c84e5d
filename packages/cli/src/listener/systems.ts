import {
  DeployError,
  evaluateFleet,
  type HealthCheck,
  lockFlake,
  type RollbackPolicy,
} from "@homelab-deploy/core";

/** The system that a revision has for this host, and how it is to be activated. */
export interface WantedSystem {
  readonly toplevel: string;
  /** Absent: the toplevel is there already. */
  readonly derivation?: string | undefined;
  /** The commit. */
  readonly revision?: string | undefined;
  readonly rollback?: RollbackPolicy | undefined;
  readonly healthChecks?: readonly HealthCheck[] | undefined;
}

/** Finds the system of a branch or commit. Throws `invalid-input` when there is no such revision. */
export type Systems = (revision: string, signal: AbortSignal) => Promise<WantedSystem>;

/** Systems of `nixosConfigurations.<hostname>` of a flake, evaluated on this machine. */
export function systemsOf(flake: string, hostname: string): Systems {
  return async (revision, signal) => {
    const locked = await lockFlake(flake, revision, signal);
    const { hosts } = await evaluateFleet({ flake: locked.flake }, { names: [hostname] }, { signal });
    const { toplevel, derivation, evaluationError, rollback, healthChecks } = hosts[hostname] ?? {};
    if (toplevel === undefined)
      throw new DeployError("evaluation-failed", evaluationError ?? `no host ${hostname}`);
    return { toplevel, derivation, revision: locked.revision, rollback, healthChecks };
  };
}
