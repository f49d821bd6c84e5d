import { nextKeyName } from "@homelab-deploy/core";
import { generateKey } from "./generate.ts";
import { type Key, keepKey, readKey } from "./key-file.ts";

type KeyInFile = Key & { readonly file: string };

export interface Rotation {
  readonly old: KeyInFile;
  readonly new: KeyInFile;
  /** What to do, in this order, so that no host refuses a deployment in between. */
  readonly steps: readonly string[];
}

/** Puts a new key, with the next name, into `file`, and keeps the old one as `file.<old name>`. */
export async function rotateKey(file: string, signal: AbortSignal): Promise<Rotation> {
  const known = await readKey(file, signal);
  const old = { ...known, file: `${file}.${known.name}` };
  await keepKey(file, old.file);
  const made = await generateKey(nextKeyName(known.name), file, true, signal);
  return { old, new: made, steps: stepsOf(old, made) };
}

function stepsOf(old: KeyInFile, made: KeyInFile): string[] {
  return [
    `Trust both keys: homelab.users.deploy.trustedKeys = [ "${old.publicKey}" "${made.publicKey}" ];`,
    `Deploy every host, still signed with the old key, ${old.file}.`,
    `Sign with the new key: pulumi config set --secret nixos:signingKey < ${made.file}`,
    `Trust the new key alone: homelab.users.deploy.trustedKeys = [ "${made.publicKey}" ];`,
    `Deploy every host; then remove ${old.file}.`,
  ];
}
