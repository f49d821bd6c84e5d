import type { StorePath } from "../model/store-path.ts";
import { runReading } from "../process/run.ts";

/** `path` as a NAR, in parts. */
export function dump(path: StorePath, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  return runReading(["nix-store", "--dump", path], { signal });
}
