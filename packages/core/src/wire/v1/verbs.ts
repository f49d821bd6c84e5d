import { z } from "zod";
import { activationRequestSchema } from "../../model/activation-request.ts";
import { comparisonSchema } from "../../model/comparison.ts";
import { anyEventSchema } from "../../model/guard-event.ts";
import { hostStatusSchema, pastDeploymentSchema } from "../../model/host-status.ts";
import { storePathSchema } from "../../model/store-path.ts";

const nothing = z.object({});
const noEvent = z.never();
const paths = z.object({ paths: z.array(storePathSchema).max(2000) });
const turn = z.object({ done: z.boolean() });
const deployment = z.object({ id: z.string().regex(/^[a-z0-9-]{8,64}$/) });

/** How much of a closure has come to the host. */
export const fetchProgressSchema = z.object({
  type: z.literal("progress"),
  bytes: z.number(),
  paths: z.number(),
});

export type FetchProgress = Omit<z.infer<typeof fetchProgressSchema>, "type">;

/** What a request of each verb holds, what is told before the answer, and the answer. */
export const verbs = {
  inspect: { request: nothing, event: noEvent, answer: hostStatusSchema },
  /** Which of the paths the host's store lacks. */
  missing: {
    request: paths,
    event: noEvent,
    answer: z.object({ missing: z.array(storePathSchema) }),
  },
  /** Gets those of the paths that the host's own substituters have. */
  substitute: { request: paths, event: fetchProgressSchema, answer: turn },
  /** Gets the toplevel with all it needs from the host's substituters and, where `closures` says so, the object store. */
  fetch: {
    request: z.object({ toplevel: storePathSchema, closures: z.boolean() }),
    event: fetchProgressSchema,
    answer: turn,
  },
  /** Builds a derivation, which comes as closures do. */
  build: {
    request: z.object({ derivation: storePathSchema }),
    event: z.object({ type: z.literal("output"), line: z.string() }),
    answer: turn,
  },
  compare: { request: z.object({ toplevel: storePathSchema }), event: noEvent, answer: comparisonSchema },
  history: {
    request: z.object({ count: z.int().min(0) }),
    event: noEvent,
    answer: z.object({ deployments: z.array(pastDeploymentSchema) }),
  },
  begin: { request: activationRequestSchema, event: noEvent, answer: nothing },
  follow: {
    request: deployment.extend({ offset: z.int().min(0) }),
    event: anyEventSchema,
    answer: turn,
  },
  confirm: { request: deployment.extend({ token: z.string() }), event: noEvent, answer: nothing },
  abort: {
    request: deployment.extend({ reason: z.string().optional() }),
    event: noEvent,
    answer: z.object({ decision: z.string() }),
  },
} as const;

export type Verb = keyof typeof verbs;
export type VerbRequest<V extends Verb> = z.input<(typeof verbs)[V]["request"]>;
export type ParsedRequest<V extends Verb> = z.output<(typeof verbs)[V]["request"]>;
export type VerbEvent<V extends Verb> = z.output<(typeof verbs)[V]["event"]>;
export type VerbAnswer<V extends Verb> = z.output<(typeof verbs)[V]["answer"]>;
