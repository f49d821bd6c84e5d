import { z } from "zod";
import { DeployError, type ErrorCode } from "../errors.ts";
import type { ActivationRequest } from "../model/activation-request.ts";
import { anyEventSchema, type GuardEvent } from "../model/guard-event.ts";
import { encodeCheck } from "../model/health-check.ts";

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
  return anyEventSchema.safeParse(value).data;
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
