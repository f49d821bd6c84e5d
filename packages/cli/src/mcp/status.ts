import type { HostStatus } from "@homelab-deploy/core";
import { z } from "zod";

const deployment = z.object({
  id: z.string(),
  by: z.string(),
  goal: z.string(),
  to: z.string(),
  revision: z.string(),
  phase: z.string().optional(),
  outcome: z.string().optional(),
  reason: z.string().optional(),
});

/** What an assistant is told of a host. */
export const statusShape = {
  hostname: z.string(),
  tier: z.string(),
  running: z.string().describe("Store path of the system that runs."),
  bootDefault: z.string().optional().describe("Store path of the system that boots next."),
  generation: z.number().optional(),
  nixosVersion: z.string().optional(),
  rebootRequired: z.boolean(),
  failedUnits: z.array(z.string()),
  freeBytes: z.number(),
  underWay: deployment.optional().describe("The deployment that is under way."),
  deployments: z.array(deployment).describe("The newest deployments."),
};

const statusSchema = z.object(statusShape);

export function summarise(tier: string, { lock, ...status }: HostStatus): z.infer<typeof statusSchema> {
  return statusSchema.parse({ tier, ...status, ...(lock && { underWay: lock }) });
}
