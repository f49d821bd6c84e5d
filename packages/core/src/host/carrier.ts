import type { StorePath } from "../model/store-path.ts";
import type { CopyOptions } from "../nix/copy.ts";

export interface ExecOptions {
  readonly signal: AbortSignal;
  /** Milliseconds until the call counts as lost. */
  readonly timeout: number;
  readonly input?: string;
  readonly onStdout?: (line: string) => void;
  readonly onStderr?: (line: string) => void;
  /** Whether to use a connection made for this call alone. */
  readonly fresh?: boolean;
}

/** How commands and store paths get to a host; the guard does the rest. */
export interface Carrier extends AsyncDisposable {
  /**
   * Runs `argv` as root on the host and returns its standard output, whatever its exit status. Throws DeployError
   * `unreachable`, `host-key`, `timeout` when the command could not be run to its end.
   */
  exec(argv: readonly string[], options: ExecOptions): Promise<string>;

  /** Copies `paths` with all they need into the host's store. */
  copy(
    paths: readonly StorePath[],
    options: Pick<CopyOptions, "signal" | "stallTimeout" | "onEvent">,
  ): Promise<void>;
}
