import type { StorePath } from "../model/store-path.ts";
import { invalidPaths } from "../nix/path-info.ts";
import { substitute } from "../nix/substitute.ts";
import type { CopyProgress } from "./host.ts";

const stallTimeout = 120_000;

/** The store of a host, as its listener fills it. */
export interface HostStore {
  /** Those of `paths` that it lacks. */
  missing(paths: readonly StorePath[], options: { readonly signal: AbortSignal }): Promise<StorePath[]>;

  /** Gets `toplevel` with all it needs from the host's substituters, and from the binary cache `from`. Throws `copy-failed`. */
  fetch(
    toplevel: StorePath,
    from: string | undefined,
    options: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: Pick<CopyProgress, "bytes" | "paths">) => void;
    },
  ): Promise<void>;
}

/** The store of this machine. */
export const localStore: HostStore = {
  missing: (paths, { signal }) => invalidPaths(paths, signal),

  async fetch(toplevel, from, { signal, onProgress }) {
    const progress = { bytes: 0, paths: 0 };
    await substitute(toplevel, {
      from,
      signal,
      stallTimeout,
      onEvent: (event) => {
        if (event.type === "bytes") progress.bytes = event.done;
        if (event.type === "paths") progress.paths = event.done;
        onProgress({ ...progress });
      },
    });
  },
};
