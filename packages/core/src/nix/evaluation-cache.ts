import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { z } from "zod";

// Part of every key: a change of what is evaluated, or of how it is stored, makes old entries unreachable.
const format = 3;

/** Directory of cached evaluations, in the user's cache directory. Removing it is always safe. */
export function cacheDirectory(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(base, "homelab-deploy", "evaluation");
}

/**
 * The value stored under `key`, or the one that `make` gives, which is then stored. An entry that cannot be read, or
 * that `stillValid` refuses, counts as absent. A cache that cannot be written costs time, never a failure.
 */
export async function cached<T>(
  key: unknown,
  schema: z.ZodType<T>,
  make: () => Promise<T>,
  stillValid: (value: T) => boolean = () => true,
): Promise<T> {
  const file = join(
    cacheDirectory(),
    `${createHash("sha256")
      .update(JSON.stringify([format, key]))
      .digest("hex")}.json`,
  );
  const stored = await read(file, schema);
  if (stored !== undefined && stillValid(stored)) return stored;
  const value = await make();
  await write(file, value);
  return value;
}

/** Whether a cached derivation is still there: the garbage collector may have taken it. */
export function derivationExists(host: { derivation: string }): boolean {
  return existsSync(host.derivation);
}

async function read<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}

async function write(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(temporary, JSON.stringify(value), { mode: 0o600 });
    await rename(temporary, file);
  } catch {}
}
