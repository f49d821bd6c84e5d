import { z } from "zod";

export const outcomeSchema = z.enum([
  "committed",
  "activated",
  "dry-activated",
  "rolled-back",
  "rollback-failed",
  "superseded",
  "failed",
]);

/** How a deployment ended on its host. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** What the guard tells while a deployment is under way, one JSON object a line. `alive`
 * comes every second, and is the only one that does not count as an event. */
export const guardEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("alive") }),
  z.object({ type: z.literal("phase"), phase: z.string() }),
  z.object({ type: z.literal("output"), line: z.string() }),
  z.object({ type: z.literal("unit-failed"), unit: z.string(), journal: z.array(z.string()) }),
  z.object({ type: z.literal("notice"), message: z.string() }),
  z.object({ type: z.literal("warning"), message: z.string() }),
  z.object({
    type: z.literal("check"),
    name: z.string(),
    state: z.enum(["waiting", "passed", "failed"]),
    attempt: z.number(),
    message: z.string(),
  }),
  z.object({ type: z.literal("booted"), bootId: z.string(), toplevel: z.string() }),
  z.object({ type: z.literal("rolling-back"), reason: z.string() }),
  z.object({ type: z.literal("end"), outcome: outcomeSchema, reason: z.string() }),
]);

// An event of a newer guard: counted, so that following again begins at the right one.
const otherEventSchema = z.object({ type: z.string() }).transform(() => ({ type: "other" as const }));

export const anyEventSchema = guardEventSchema.or(otherEventSchema);

export type GuardEvent = z.infer<typeof anyEventSchema>;
