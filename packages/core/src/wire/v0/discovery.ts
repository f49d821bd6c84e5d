import { z } from "zod";
import { parseJson } from "../json.ts";
import { subjectSchema } from "../subject.ts";

const requestSchema = z.object({ reply_to: subjectSchema.nullish() });

/** What a listener says of itself. */
export const discoveredSchema = z.object({
  hostname: z.string().min(1),
  tier: z.string(),
  role: z
    .string()
    .nullish()
    .transform((role) => role || undefined),
  /** Subjects that it takes deployments on. */
  deploy_subjects: z
    .array(z.string())
    .nullish()
    .transform((subjects) => subjects ?? []),
  /** Version of the listener's program; others than ours do not say. */
  version: z.string().optional(),
  /** What the listener can do beyond version 0. */
  features: z.array(z.string()).default([]),
});

export type Discovered = z.infer<typeof discoveredSchema>;

/** Where a discovery request wants its answers, apart from the reply subject of the message. */
export function readDiscoverRequest(body: string): { readonly replyTo: string | undefined } {
  return { replyTo: requestSchema.safeParse(parseJson(body)).data?.reply_to ?? undefined };
}

export function writeDiscoverRequest(replyTo: string): string {
  return JSON.stringify({ reply_to: replyTo });
}

/** Reads what a listener says of itself; undefined for anything else. */
export function readDiscovered(body: string): Discovered | undefined {
  return discoveredSchema.safeParse(parseJson(body)).data;
}
