import { z } from "zod";
import { durationSchema, toMilliseconds } from "./duration.ts";

/** What an unhealthy host means for its deployment. */
export const unhealthySchema = z.enum(["rollback", "warn"]);

/** What a host does when what ran before cannot be put back. */
export const rescueSchema = z.enum(["reboot", "never"]);

/** When a host puts back what ran before, and how long it waits before that. */
export const rollbackSchema = z.strictObject({
  confirmTimeout: durationSchema
    .optional()
    .describe("How long the host waits for the confirmation over a new connection. Default: `30s`."),
  activationTimeout: durationSchema
    .optional()
    .describe("How long switch-to-configuration may take. Default: `10m`."),
  unhealthy: unhealthySchema
    .optional()
    .describe(
      "What a newly failing unit or a failed health check means: `rollback` puts back what ran before, `warn` keeps " +
        "the new system and tells. Default: `rollback`.",
    ),
  rescue: rescueSchema
    .optional()
    .describe(
      "What the host does when what ran before cannot be put back: `reboot` starts it from the boot loader, which " +
        "still names it; `never` leaves the host as it is. Default: `never`.",
    ),
});

export type RollbackPolicy = z.infer<typeof rollbackSchema>;

/** The policy in milliseconds, defaults filled in. */
export function deadlines(policy: RollbackPolicy): { confirm: number; activation: number } {
  return {
    confirm: toMilliseconds(policy.confirmTimeout ?? "30s"),
    activation: toMilliseconds(policy.activationTimeout ?? "10m"),
  };
}
