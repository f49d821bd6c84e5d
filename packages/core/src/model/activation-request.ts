import { z } from "zod";
import { goalSchema } from "./goal.ts";
import { healthCheckSchema } from "./health-check.ts";
import { storePathSchema } from "./store-path.ts";

/** What `begin` asks of a host. */
export const activationRequestSchema = z.object({
  /** Names this very attempt. Beginning it twice does nothing the second time. */
  id: z.string().regex(/^[a-z0-9-]{8,64}$/),
  /** Known to the controller and the host alone; proves that a confirmation is meant for this attempt. */
  token: z.string(),
  to: storePathSchema,
  goal: goalSchema,
  /** Who deploys, for the host's journal. */
  by: z.string(),
  revision: z.string().optional(),
  /** Milliseconds. */
  confirmTimeout: z.number(),
  /** Milliseconds. */
  activationTimeout: z.number(),
  /** A rollback: `to` is this generation of the host's profile, and the commit goes back to it. */
  generation: z.number().optional(),
  /** What a newly failing unit, a failed activation snippet or a failed health check means. Default: `rollback`. */
  unhealthy: z.enum(["rollback", "warn"]).optional(),
  /** Whether the host boots the system once instead of activating it, and commits when it has proved itself. */
  reboot: z.boolean().optional(),
  /** Whether the host reboots when it cannot put back what ran before. */
  rescue: z.enum(["reboot", "never"]).optional(),
  /** Health checks that the host itself runs. */
  checks: z.array(healthCheckSchema).readonly().optional(),
});

export type ActivationRequest = Readonly<z.infer<typeof activationRequestSchema>>;
