import { z } from "zod";

/** What stands between the kernel that runs and a system, as `compare` tells it. */
export const comparisonSchema = z.object({ rebootNeeded: z.boolean(), because: z.array(z.string()) });

export type Comparison = z.infer<typeof comparisonSchema>;
