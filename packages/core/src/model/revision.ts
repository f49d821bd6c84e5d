import { z } from "zod";

// What git check-ref-format allows, and less: the text becomes part of a URL and of an argument list.
const pattern = /^(?:refs\/(?:heads|tags)\/)?(?!refs\/)[A-Za-z0-9][A-Za-z0-9._+/-]*$/;
const forbidden = /\.\.|\/\/|\/\.|\.$|\/$|\.lock(?:\/|$)/;

/** A branch, a commit, or a tag as `refs/tags/…`. */
export const revisionSchema = z
  .string()
  .max(200)
  .refine((text) => pattern.test(text) && !forbidden.test(text), {
    error: (issue) =>
      `not a Git branch or commit: ${JSON.stringify(issue.input)} (letters, digits, ".", "_", "+", "-" and "/" between them)`,
  });

/** Whether `revision` is a whole commit hash. */
export function isCommit(revision: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision);
}
