import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { withLock } from "../../lock.mjs";
import { cache } from "../setup/places.ts";

const State = z.object({
  subnet: z.object({ number: z.int() }),
  hosts: z.record(
    z.string(),
    z.object({
      index: z.int(),
      /** Lower directories of the host's disk, the uppermost first. */
      lower: z.array(z.string()),
    }),
  ),
});
/** What a testbed remembers between commands, in `testbed.json` of its directory. */
export type State = z.infer<typeof State>;
export type HostRecord = State["hosts"][string];

/** The state of the testbed in `directory`; undefined when it has no hosts. */
export async function readState(directory: string): Promise<State | undefined> {
  const text = await readFile(stateFile(directory), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  return text === undefined ? undefined : State.parse(JSON.parse(text));
}

export async function writeState(directory: string, state: State): Promise<void> {
  await mkdir(directory, { recursive: true });
  const temporary = `${stateFile(directory)}.new`;
  await writeFile(temporary, `${JSON.stringify(state, null, 2)}\n`);
  await rename(temporary, stateFile(directory));
}

/**
 * Runs `work` while no other command changes the testbed in `directory`. The lock lies outside of the directory, which
 * `down` removes.
 */
export function locked<T>(directory: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return withLock(join(cache, "locks", `testbed-${digest(directory)}`), work, signal);
}

/** Runs `work` while no other testbed of this machine's user chooses a network. */
export function lockedForAll<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return withLock(join(cache, "locks", "testbeds"), work, signal);
}

function stateFile(directory: string): string {
  return join(directory, "testbed.json");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
