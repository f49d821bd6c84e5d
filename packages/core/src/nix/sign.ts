import type { StorePath } from "../model/store-path.ts";
import { nix } from "./nix-command.ts";

/** Signs `paths`, and not what they need, with the secret key in `keyFile`. Throws `invalid-input` for a file that is none. */
export async function sign(paths: readonly StorePath[], keyFile: string, signal: AbortSignal): Promise<void> {
  const input = paths.map((path) => `${path}\n`).join("");
  await nix(["store", "sign", "--key-file", keyFile, "--stdin"], "invalid-input", { signal, input });
}

/** Makes a secret signing key called `name`: `name:base64`. */
export async function generateSigningKey(name: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await nix(["key", "generate-secret", "--key-name", name], "invalid-input", { signal });
  return stdout.trim();
}

/** The public key of a secret one, as `nix.settings.trusted-public-keys` names it. Throws `invalid-input` for text that is none. */
export async function publicKeyOf(secretKey: string, signal: AbortSignal): Promise<string> {
  const options = { signal, input: `${secretKey.trim()}\n` };
  const { stdout } = await nix(["key", "convert-secret-to-public"], "invalid-input", options);
  return stdout.trim();
}
