import { z } from "zod";

/** A binary cache that hosts get closures from. */
export const cacheSchema = z.strictObject({
  to: z
    .string()
    .regex(/^(?:https?|s3|file|ssh|ssh-ng):\/\/[^-\s\p{Cc}][^\s\p{Cc}]*$/u, {
      error: (issue) => `not the URL of a store that can be copied to: ${JSON.stringify(issue.input)}`,
    })
    .describe(
      "URL of the store that closures are copied to, as for `nix copy --to`: `s3://bucket?region=…`, `file:///srv/cache`, " +
        "or `ssh-ng://root@cache01` for a host that serves its own store. It is no secret.",
    ),
});

export type Cache = z.infer<typeof cacheSchema>;
