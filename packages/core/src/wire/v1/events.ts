import { z } from "zod";
import { anyEventSchema } from "../../model/guard-event.ts";
import { deploymentRecordSchema } from "../../model/host-status.ts";
import { parseJson } from "../json.ts";

/** What one deployment told, as a listener publishes it for whoever wants to know. */
export const publishedEventSchema = z.object({
  hostname: z.string(),
  tier: z.string(),
  /** The deployment. */
  id: z.string(),
  /** Counts the events of the deployment, from 0. */
  number: z.int().min(0),
  /** When the listener told it, by the host's clock. */
  time: z.iso.datetime(),
  event: anyEventSchema,
  /** What the host's journal says of the deployment: with the first event, and with the end. */
  deployment: deploymentRecordSchema
    .pick({ by: true, goal: true, from: true, to: true, revision: true, since: true })
    .optional(),
});

export type PublishedEvent = z.infer<typeof publishedEventSchema>;

/** Parses one event; undefined for what is none. */
export function parsePublishedEvent(text: string): PublishedEvent | undefined {
  return publishedEventSchema.safeParse(parseJson(text)).data;
}
