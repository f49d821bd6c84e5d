import { z } from "zod";
import { durationSchema } from "./duration.ts";

/** When a host may be rebooted. */
export const rebootSchema = z.enum(["never", "when-needed"]);

/** How long a reboot may take. */
export const rebootTimeoutSchema = durationSchema;

export type Reboot = z.infer<typeof rebootSchema>;
