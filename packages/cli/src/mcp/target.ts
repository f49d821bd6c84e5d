import { DeployError } from "@homelab-deploy/core";
import { tokenSchema } from "@homelab-deploy/core/nats";
import { z } from "zod";
import type { Tier } from "./access.ts";

/** Parameters by which hosts of a tier are chosen: one of the three. */
export const targetShape = {
  hostname: tokenSchema.optional().describe("This host alone."),
  all: z.boolean().optional().describe("All hosts of the tier."),
  role: tokenSchema.optional().describe("All hosts of the tier that have this role."),
};

export const tierSchema = z.enum(["test", "prod"]);

export interface Target {
  readonly hostname?: string | undefined;
  readonly all?: boolean | undefined;
  readonly role?: string | undefined;
}

/** The subject on which the hosts of `target` take deployments. Throws `invalid-input` unless it is exactly one of the three. */
export function subjectOf(tier: Tier, { hostname, all = false, role }: Target): string {
  const chosen = [hostname, all || undefined, role].filter((choice) => choice !== undefined);
  if (chosen.length !== 1) {
    throw new DeployError("invalid-input", "give exactly one of hostname, all and role");
  }
  if (hostname !== undefined) return `deploy.${tier}.${hostname}`;
  return role === undefined ? `deploy.${tier}.all` : `deploy.${tier}.role.${role}`;
}
