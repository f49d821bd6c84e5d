import type { StorePath } from "../model/store-path.ts";
import type { CopyOptions } from "../nix/copy.ts";

export interface ExecOptions {
  readonly signal: AbortSignal;
  /** Milliseconds until the call counts as lost. */
  readonly timeout: number;
  readonly input?: string | undefined;
  readonly onStdout?: ((line: string) => void) | undefined;
  readonly onStderr?: ((line: string) => void) | undefined;
  /** Whether to use a connection made for this call alone. */
  readonly fresh?: boolean | undefined;
  /** Whether to run the command as a login does that may run no other as root. */
  readonly restricted?: boolean | undefined;
}

export interface CarrierCopyOptions extends Pick<CopyOptions, "signal" | "stallTimeout" | "onEvent"> {
  /** Whether the login itself copies, not root: what comes then needs a signature that the host trusts. */
  readonly restricted: boolean;
}

/** How commands and store paths get to a host; the guard does the rest. */
export interface Carrier extends AsyncDisposable {
  /** Whether this may be a login that can run nothing as root but the guard that is installed on the host. */
  readonly mayBeRestricted: boolean;

  /**
   * Runs `argv` as root on the host and returns its standard output, whatever its exit status. Throws DeployError
   * `unreachable`, `host-key`, `timeout` when the command could not be run to its end, `refused` when it was not run.
   */
  exec(argv: readonly string[], options: ExecOptions): Promise<string>;

  /** Copies `paths` with all they need into the host's store. */
  copy(paths: readonly StorePath[], options: CarrierCopyOptions): Promise<void>;
}
