import { fromPublic } from "nkeys.js";
import { z } from "zod";

/** Public NKey of a NATS user (`U…`), as `nk -pubout` and the server's configuration write it. */
export const publicKeySchema = z.string().refine(isPublicKey, {
  error: (issue) =>
    `not the public NKey of a user (U and 55 capital letters and digits): ${shown(String(issue.input))}`,
});

function isPublicKey(text: string): boolean {
  try {
    return text.startsWith("U") && fromPublic(text).getPublicKey() === text;
  } catch {
    return false;
  }
}

// A seed that is given by mistake is not shown again.
function shown(text: string): string {
  return /^S[A-Z2-7]{20}/.test(text) ? `${text.slice(0, 2)}…, a seed, which is secret` : JSON.stringify(text);
}
