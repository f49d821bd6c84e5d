import { z } from "zod";

/** Whether a deployment may reboot a host. */
export const rebootPolicySchema = z.enum(["never", "when-needed"]);

export type RebootPolicy = z.infer<typeof rebootPolicySchema>;
