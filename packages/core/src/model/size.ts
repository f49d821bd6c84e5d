import { z } from "zod";

const pattern = /^(\d{1,12}(?:\.\d{1,3})?)(B|KiB|MiB|GiB|TiB)$/;
const bytes: Record<string, number> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** An amount of bytes as people write it: a number and `B`, `KiB`, `MiB`, `GiB` or `TiB`, such as `1.5GiB`. */
export const sizeSchema = z
  .string()
  .regex(pattern, {
    error: (issue) =>
      `not a size: ${JSON.stringify(issue.input)} (write a number and B, KiB, MiB, GiB or TiB, such as 1GiB)`,
  })
  .refine((size) => Number.isNaN(toBytes(size)) || toBytes(size) <= 2 ** 53, {
    error: "a size of 8192 TiB at most",
  });

/** Bytes of a size that `sizeSchema` accepted; NaN for any other text. */
export function toBytes(size: string): number {
  const [, amount, unit] = pattern.exec(size) ?? [];
  return Math.round(Number(amount) * (bytes[unit ?? ""] ?? Number.NaN));
}
