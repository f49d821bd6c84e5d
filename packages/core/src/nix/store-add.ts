import { type StorePath, storePathSchema } from "../model/store-path.ts";
import { run } from "../process/run.ts";

/** Adds `file` to the store under its own name, addressed by its content: such a path needs no signature on any host. */
export async function storeAdd(file: string, signal: AbortSignal): Promise<StorePath> {
  const { stdout } = await run(["nix-store", "--add", file], { signal });
  return storePathSchema.parse(stdout.trim());
}
