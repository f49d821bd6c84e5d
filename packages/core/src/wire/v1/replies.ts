import { z } from "zod";
import { DeployError, type ErrorCode } from "../../errors.ts";
import { parseJson } from "../json.ts";

const errorSchema = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() });

const replySchema = z.union([
  z.object({ ok: z.unknown().refine((value) => value !== undefined) }),
  z.object({ error: errorSchema }),
  z.object({ event: z.looseObject({ type: z.string() }) }),
]);

/** One reply to a request: any number of events, then `ok` or `error`. */
export type Reply = z.infer<typeof replySchema>;

/** The event that tells nothing but that the listener is at work. */
export const alive = { type: "alive" } as const;

/** Parses one reply; undefined for what is none. */
export function parseReply(text: string): Reply | undefined {
  return replySchema.safeParse(parseJson(text)).data;
}

export function encodeError({ code, message, hint }: DeployError): Reply {
  return { error: { code, message, ...(hint !== undefined && { hint }) } };
}

/** The error as it was where it arose. A code of a newer listener becomes `refused`. */
export function decodeError({ code, message, hint }: z.infer<typeof errorSchema>): DeployError {
  return new DeployError(isKnown(code) ? code : "refused", message, { hint });
}

// Those that a host can give.
const codes: readonly ErrorCode[] = [
  "invalid-input",
  "tool-missing",
  "unreachable",
  "timeout",
  "no-space",
  "copy-failed",
  "build-failed",
  "refused",
  "locked",
  "outcome-unknown",
  "cancelled",
  "bad-answer",
];

function isKnown(code: string): code is ErrorCode {
  return codes.some((known) => known === code);
}
