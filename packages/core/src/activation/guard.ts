import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StorePath } from "../model/store-path.ts";
import { storeAdd } from "../nix/store-add.ts";

// Given by the bundler, which puts the whole script into the bundle.
declare const HOMELAB_ACTIVATE: string | undefined;

/** The text of `homelab-activate`, the one script that runs on hosts: the parts in `guard/`, joined. */
export function guardScript(): string {
  if (typeof HOMELAB_ACTIVATE === "string") return HOMELAB_ACTIVATE;
  const read = (file: string) =>
    readFileSync(new URL(`../../src/activation/guard/${file}`, import.meta.url), "utf8");
  const parts: string[] = JSON.parse(read("parts.json"));
  const texts = parts.map((part) => read(`${part}.sh`));
  return `${texts.join("\n")}\nmain "$@"\n`;
}

let added: Promise<StorePath> | undefined;

/** The script in this machine's store, from where it is copied along with a closure; added once per process. */
export function guardStorePath(signal: AbortSignal): Promise<StorePath> {
  added ??= addGuard(signal).catch((error) => {
    added = undefined;
    throw error;
  });
  return added;
}

async function addGuard(signal: AbortSignal): Promise<StorePath> {
  const directory = await mkdtemp(join(tmpdir(), "homelab-activate-"));
  try {
    const file = join(directory, "homelab-activate");
    await writeFile(file, guardScript(), { mode: 0o755 });
    return await storeAdd(file, signal);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
