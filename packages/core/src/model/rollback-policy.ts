import { z } from "zod";
import { durationSchema, toMilliseconds } from "./duration.ts";

/** How long a host waits before it puts back what ran before. */
export const rollbackSchema = z.strictObject({
  confirmTimeout: durationSchema
    .optional()
    .describe("How long the host waits for the confirmation over a new connection. Default: `30s`."),
  activationTimeout: durationSchema
    .optional()
    .describe("How long switch-to-configuration may take. Default: `10m`."),
});

export type RollbackPolicy = z.infer<typeof rollbackSchema>;

/** The policy in milliseconds, defaults filled in. */
export function deadlines(policy: RollbackPolicy): { confirm: number; activation: number } {
  return {
    confirm: toMilliseconds(policy.confirmTimeout ?? "30s"),
    activation: toMilliseconds(policy.activationTimeout ?? "10m"),
  };
}
