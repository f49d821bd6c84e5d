import { z } from "zod";

/** What is to become of a toplevel on the host; the words are those of switch-to-configuration. */
export const goalSchema = z.enum(["switch", "boot", "test", "dry-activate"]);

export type Goal = z.infer<typeof goalSchema>;

/** Whether the goal changes what the host runs now, so that somebody has to confirm that it is still there. */
export function activates(goal: Goal): boolean {
  return goal === "switch" || goal === "test";
}

/** Whether the host boots the toplevel from then on. */
export function persists(goal: Goal): boolean {
  return goal === "switch" || goal === "boot";
}
