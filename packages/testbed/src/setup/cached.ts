import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../lock.mjs";
import { cache } from "./places.ts";

export interface CacheEntry {
  readonly directory: string;
  readonly origin: "from cache" | "installed";
}

/** Where the cache keeps `key`, whether or not it is there. */
export function cachedPath(key: string): string {
  return join(cache, key);
}

/**
 * The cache's directory of `key`, such as `nats-server-2.15.2`. When it is missing, `fill` is given an empty directory
 * on the same file system, which then takes the name of `key` in one step: what is there is complete, and of two
 * set-ups at once the second one waits for the first.
 */
export async function cached(key: string, fill: (directory: string) => Promise<void>): Promise<CacheEntry> {
  const directory = cachedPath(key);
  if (existsSync(directory)) return { directory, origin: "from cache" };
  return withLock(join(cache, "locks", key), async () => {
    if (existsSync(directory)) return { directory, origin: "from cache" };
    await removeLeftovers(key);
    const temporary = await mkdtemp(`${directory}.`);
    try {
      await chmod(temporary, 0o755);
      await fill(temporary);
      await rename(temporary, directory);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return { directory, origin: "installed" };
  });
}

// A set-up that was killed leaves its temporary directory behind.
async function removeLeftovers(key: string): Promise<void> {
  const leftovers = (await readdir(cache)).filter((name) => name.startsWith(`${key}.`));
  await Promise.all(leftovers.map((name) => rm(join(cache, name), { recursive: true, force: true })));
}
