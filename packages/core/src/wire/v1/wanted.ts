import { z } from "zod";
import { activationRequestSchema } from "../../model/activation-request.ts";
import { goalSchema } from "../../model/goal.ts";
import { rebootAtSchema, rebootSchema, rebootTimeoutSchema } from "../../model/reboot.ts";
import { rollbackSchema } from "../../model/rollback-policy.ts";
import { storePathSchema } from "../../model/store-path.ts";
import { parseJson } from "../json.ts";

/** How long a host that is off is waited for at most, in milliseconds. */
export const longestWait = 30 * 24 * 3_600_000;

const { id, by, revision, checks } = activationRequestSchema.shape;

/** What a host that is off shall become when it is back. */
export const wantedSchema = z.object({
  /** Names this wish. It is tried once. */
  id,
  toplevel: storePathSchema,
  goal: goalSchema.exclude(["dry-activate"]),
  by,
  revision,
  /** When it was wished, and until when it holds; milliseconds since 1970. */
  at: z.number(),
  expires: z.number(),
  rollback: z.object(rollbackSchema.shape),
  checks,
  reboot: rebootSchema.optional(),
  rebootAt: rebootAtSchema.optional(),
  rebootTimeout: rebootTimeoutSchema.optional(),
});

export type Wanted = Readonly<z.infer<typeof wantedSchema>>;

/** Parses what the bucket holds for a host; undefined for what is none. */
export function parseWanted(text: string): Wanted | undefined {
  return wantedSchema.safeParse(parseJson(text)).data;
}
