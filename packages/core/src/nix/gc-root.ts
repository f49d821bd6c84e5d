import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { StorePath } from "../model/store-path.ts";
import { run } from "../process/run.ts";

/** Where the links that protect deployed systems on the build machine are kept. */
export function gcRootDirectory(): string {
  const base = process.env.XDG_STATE_HOME || join(homedir(), ".local", "state");
  return join(base, "homelab-deploy", "gcroots");
}

/** Protects `path` from the garbage collector until another path takes the root's `name` (`<stack>/<host>`). */
export async function addGcRoot(name: string, path: StorePath, signal: AbortSignal): Promise<void> {
  const link = join(gcRootDirectory(), name);
  await mkdir(dirname(link), { recursive: true });
  await run(["nix-store", "--realise", path, "--add-root", link], { signal });
}
