import { DeployError } from "../errors.ts";
import type { HostStatus } from "../model/host-status.ts";

/** Version of the guard's protocol that this program speaks. */
export const guardProtocol = 1;

type Guard = Pick<HostStatus, "guard" | "features">;

/** Throws `refused` when the guard of `host` speaks another protocol than this program. */
export function requireProtocol(host: string, { guard }: Pick<Guard, "guard">): void {
  if (guard === guardProtocol) return;
  throw new DeployError(
    "refused",
    `${host} has a guard that speaks protocol ${guard}, and this program speaks protocol ${guardProtocol}`,
    { hint: guard > guardProtocol ? "Update homelab-deploy on this machine." : updateHost },
  );
}

/** Throws `refused` unless the guard of `host`, as its `status` tells, can do all that is `needed`. */
export function requireFeatures(host: string, status: Guard, needed: readonly string[]): void {
  requireProtocol(host, status);
  const lacking = needed.filter((feature) => !status.features.includes(feature));
  if (lacking.length === 0) return;
  throw new DeployError(
    "refused",
    `${host} has a guard that is too old for this: it lacks ${lacking.join(", ")}`,
    {
      hint: updateHost,
    },
  );
}

const updateHost =
  "Deploy the host once without what is new, or as root, with a system that brings the newer guard; then again.";
