// Shared with bootstrap.mjs, which runs before any dependency is installed: plain JavaScript, Node 20.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Runs `work` while holding an exclusive lock on `file`, which other processes of this machine honour as well. The
 * kernel frees the lock when this process ends, however it ends. Without flock(1) the work runs unguarded.
 *
 * @template T
 * @param {string} file
 * @param {() => T | Promise<T>} work
 * @param {AbortSignal} [signal] gives up waiting for the lock; the work itself is not ended
 * @returns {Promise<T>}
 */
export async function withLock(file, work, signal) {
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn("flock", [file, "sh", "-c", "echo held; read -r _"], {
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  try {
    await held(holder, signal);
    return await work();
  } finally {
    holder.stdin.destroy();
    holder.stdout.destroy();
    if (signal?.aborted) holder.kill();
  }
}

/**
 * @param {import("node:child_process").ChildProcess} holder
 * @param {AbortSignal | undefined} signal
 */
function held(holder, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    holder.once("error", resolve);
    holder.once("exit", resolve);
    holder.stdout?.once("data", resolve);
  }).finally(() => signal?.throwIfAborted());
}
