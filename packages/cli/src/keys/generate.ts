import { DeployError, generateSigningKey, publicKeyOf, signingKeyNameSchema } from "@homelab-deploy/core";
import { type Key, writeKey } from "./key-file.ts";

/** Makes a key called `name` and writes its secret half to `file`. */
export async function generateKey(
  name: string,
  file: string,
  force: boolean,
  signal: AbortSignal,
): Promise<Key & { readonly file: string }> {
  const checked = signingKeyNameSchema.safeParse(name);
  if (!checked.success) throw new DeployError("invalid-input", checked.error.issues[0]?.message ?? name);
  const secret = await generateSigningKey(name, signal);
  await writeKey(file, secret, force);
  return { name, publicKey: await publicKeyOf(secret, signal), file };
}
