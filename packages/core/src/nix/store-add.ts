import { type StorePath, storePathSchema } from "../model/store-path.ts";
import { nix } from "./nix-command.ts";

/** Adds `file` to the store, addressed by its content: such a path needs no signature on any host. */
export async function storeAdd(name: string, file: string, signal: AbortSignal): Promise<StorePath> {
  const { stdout } = await nix(["store", "add", "--name", name, file], "build-failed", { signal });
  return storePathSchema.parse(stdout.trim());
}
