import { z } from "zod";

const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const milliseconds: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration as people write it: a number and `ms`, `s`, `m` or `h`, such as `30s` or `1.5m`. */
export const durationSchema = z.string().regex(pattern, {
  error: (issue) =>
    `not a duration: ${JSON.stringify(issue.input)} (write a number and ms, s, m or h, such as 30s)`,
});

/** Milliseconds of a duration that `durationSchema` accepted; NaN for any other text. */
export function toMilliseconds(duration: string): number {
  const [, amount, unit] = pattern.exec(duration) ?? [];
  return Math.round(Number(amount) * (milliseconds[unit ?? ""] ?? Number.NaN));
}
