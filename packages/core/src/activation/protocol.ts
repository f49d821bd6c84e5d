import { z } from "zod";
import { DeployError, type ErrorCode } from "../errors.ts";
import type { Goal } from "../model/goal.ts";
import { encodeCheck, type HealthCheck } from "../model/health-check.ts";
import type { StorePath } from "../model/store-path.ts";

/** What `begin` asks of a host; the guard reads it as `key=value` lines from standard input. */
export interface ActivationRequest {
  /** Names this very attempt: `[a-z0-9-]`, 8 to 64 characters. Beginning it twice does nothing the second time. */
  readonly id: string;
  /** Known to the controller and the host alone; proves that a confirmation is meant for this attempt. */
  readonly token: string;
  readonly to: StorePath;
  readonly goal: Goal;
  /** Who deploys, for the host's journal. */
  readonly by: string;
  readonly revision?: string | undefined;
  /** Milliseconds. */
  readonly confirmTimeout: number;
  /** Milliseconds. */
  readonly activationTimeout: number;
  /** A rollback: `to` is this generation of the host's profile, and the commit goes back to it. */
  readonly generation?: number | undefined;
  /** What a newly failing unit, a failed activation snippet or a failed health check means. Default: `rollback`. */
  readonly unhealthy?: "rollback" | "warn" | undefined;
  /** Whether the host boots the system once instead of activating it, and commits when it has proved itself. */
  readonly reboot?: boolean | undefined;
  /** Whether the host reboots when it cannot put back what ran before. */
  readonly rescue?: "reboot" | "never" | undefined;
  /** Health checks that the host itself runs. */
  readonly checks?: readonly HealthCheck[] | undefined;
}

/** `request` as the guard's `begin` reads it. */
export function encodeRequest(request: ActivationRequest): string {
  const seconds = (milliseconds: number) => String(Math.max(1, Math.ceil(milliseconds / 1000)));
  const { checks = [], generation } = request;
  const lines = [
    ["id", request.id],
    ["token", request.token],
    ["to", request.to],
    ["goal", request.goal],
    ["by", request.by],
    ["revision", request.revision ?? ""],
    ["confirmTimeout", seconds(request.confirmTimeout)],
    ["activationTimeout", seconds(request.activationTimeout)],
    ["generation", generation === undefined ? "" : String(generation)],
    ["unhealthy", request.unhealthy ?? "rollback"],
    ["reboot", request.reboot ? "yes" : "no"],
    ["rescue", request.rescue ?? "never"],
  ];
  const encoded = lines.map(([key, value = ""]) => `${key}=${value.replace(/\p{Cc}/gu, " ")}`);
  return [...encoded, ...checks.map(encodeCheck), ""].join("\n");
}

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

export type GuardEvent = z.infer<typeof guardEventSchema> | z.infer<typeof otherEventSchema>;

/** What stands between the kernel that runs and a system, as `compare` tells it. */
export const comparisonSchema = z.object({ rebootNeeded: z.boolean(), because: z.array(z.string()) });

export type Comparison = z.infer<typeof comparisonSchema>;

export const begunSchema = z.object({ id: z.string(), from: z.string() });

const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const knownCodes: readonly ErrorCode[] = ["invalid-input", "refused", "locked", "outcome-unknown"];

/** The guard's one-line answer parsed by `schema`; throws the refusal that it holds instead. */
export function parseAnswer<T>(host: string, text: string, schema: z.ZodType<T>): T {
  const value = parseLine(text.trim());
  throwRefusal(host, value);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DeployError("bad-answer", `${host} answered something unexpected: ${text.slice(0, 200)}`, {
    cause: parsed.error,
  });
}

/** One line of `follow`; undefined for what is no event at all. */
export function parseEvent(host: string, line: string): GuardEvent | undefined {
  const value = parseLine(line);
  throwRefusal(host, value);
  return guardEventSchema.or(otherEventSchema).safeParse(value).data;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function throwRefusal(host: string, value: unknown): void {
  const refusal = refusalSchema.safeParse(value).data?.error;
  if (refusal === undefined) return;
  const code = knownCodes.find((known) => known === refusal.code) ?? "refused";
  throw new DeployError(code, `${host}: ${refusal.message}`);
}
