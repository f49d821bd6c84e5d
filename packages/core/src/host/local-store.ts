import type { StorePath } from "../model/store-path.ts";
import type { NixLogEvent } from "../nix/internal-json.ts";
import { invalidPaths } from "../nix/path-info.ts";
import { type RealiseOptions, realise } from "../nix/realise.ts";
import { substitute, substituteAvailable } from "../nix/substitute.ts";
import type { CopyProgress } from "./host.ts";

const stallTimeout = 120_000;

interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Pick<CopyProgress, "bytes" | "paths">) => void;
}

/** The store of a host, as its listener fills it. */
export interface HostStore {
  /** Those of `paths` that it lacks. */
  missing(paths: readonly StorePath[], options: { readonly signal: AbortSignal }): Promise<StorePath[]>;

  /** Gets those of `paths` that the host's substituters have, with all they need. */
  substitute(paths: readonly StorePath[], options: FetchOptions): Promise<void>;

  /** Gets `toplevel` with all it needs from the host's substituters, and from the binary cache `from`. Throws `copy-failed`. */
  fetch(toplevel: StorePath, from: string | undefined, options: FetchOptions): Promise<void>;

  /** Builds `derivation`, which comes from the same places with all it needs. Throws `build-failed`. */
  build(derivation: StorePath, options: RealiseOptions): Promise<void>;
}

/** The store of this machine. */
export const localStore: HostStore = {
  missing: (paths, { signal }) => invalidPaths(paths, signal),

  substitute: (paths, { signal, onProgress }) =>
    substituteAvailable(paths, { signal, stallTimeout, onEvent: toProgress(onProgress) }),

  fetch: (toplevel, from, { signal, onProgress }) =>
    substitute(toplevel, { from, signal, stallTimeout, onEvent: toProgress(onProgress) }),

  build: realise,
};

function toProgress(onProgress: FetchOptions["onProgress"]): (event: NixLogEvent) => void {
  const progress = { bytes: 0, paths: 0 };
  return (event) => {
    if (event.type === "bytes") progress.bytes = event.done;
    if (event.type === "paths") progress.paths = event.done;
    onProgress({ ...progress });
  };
}
