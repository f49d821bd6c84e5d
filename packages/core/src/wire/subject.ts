import { z } from "zod";

const token = "[^\\s.*>\\p{Cc}]+";
const plain = new RegExp(`^${token}(?:\\.${token})*$`, "u");
const wildcard = new RegExp(`^(?:\\*|${token})(?:\\.(?:\\*|${token}))*(?:\\.>)?$`, "u");
const longest = 255;

const refuse = (what: string) => ({
  error: (issue: { input?: unknown }) => `not ${what}: ${JSON.stringify(issue.input)}`,
});

/**
 * A subject to publish to. Those of the server itself begin with `$`: there an answer could be taken for an order, such
 * as to delete a stream.
 */
export const subjectSchema = z
  .string()
  .max(longest)
  .refine((text) => plain.test(text) && !text.startsWith("$"), refuse("a NATS subject without wildcards"));

/** A subject to subscribe to; `*` stands for one word, `>` at the end for any number of them. */
export const subscriptionSchema = z
  .string()
  .max(longest)
  .refine((text) => (wildcard.test(text) || text === ">") && !text.startsWith("$"), refuse("a NATS subject"));

/** One word of a subject. */
export const tokenSchema = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, refuse('a word of letters, digits, "-" and "_"'));
