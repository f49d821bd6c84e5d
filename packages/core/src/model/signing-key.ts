import { z } from "zod";

/** Text of a secret key that signs store paths, as Nix writes it: `name:base64`. */
export const signingKeySchema = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*:[A-Za-z0-9+/]{86}==$/, {
    error: "not a secret signing key `name:base64` as `homelab-deploy keys generate` makes it",
  });

/** Names of keys: letters, digits, `.`, `_` and `-`. A number at the end counts the keys that followed each other. */
export const signingKeyNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: (issue) =>
    `not a name for a key: ${JSON.stringify(issue.input)}; use letters, digits, ".", "_" and "-"`,
});

/** The name of the key that follows `name`: `homelab-2` after `homelab-1`, `homelab-2` after `homelab`. */
export function nextKeyName(name: string): string {
  const [, stem = name, number = "1"] = /^(.*)-(\d{1,9})$/.exec(name) ?? [];
  return `${stem}-${Number(number) + 1}`;
}
