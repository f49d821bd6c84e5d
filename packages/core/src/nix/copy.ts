import { DeployError } from "../errors.ts";
import type { StorePath } from "../model/store-path.ts";
import { CommandError } from "../process/command-error.ts";
import { run } from "../process/run.ts";
import { createLogReader, type NixLogEvent } from "./internal-json.ts";
import { nixArgv, nixFailure } from "./nix-command.ts";

export interface CopyOptions {
  readonly signal: AbortSignal;
  /** Options for the ssh that Nix starts; parted by spaces, so no value may hold one. */
  readonly sshOptions: string;
  /** Whether the host takes paths without a trusted signature: only its root can say so. */
  readonly checkSignatures: boolean;
  /** Milliseconds without any progress after which the copy counts as stalled. */
  readonly stallTimeout: number;
  readonly onEvent: (event: NixLogEvent) => void;
}

/**
 * Copies `paths` with all they need to the store `destination`, such as `ssh-ng://root@web01`; what the destination has
 * or can substitute is not sent. Throws `copy-failed`, or `timeout` when nothing moves for `stallTimeout`.
 */
export async function copy(
  paths: readonly StorePath[],
  destination: string,
  options: CopyOptions,
): Promise<void> {
  const stalled = new AbortController();
  const stall = () =>
    stalled.abort(
      new DeployError("timeout", `the copy stalled: nothing moved for ${options.stallTimeout / 1000} s`),
    );
  let timer = setTimeout(stall, options.stallTimeout);
  const read = createLogReader();
  const errors: string[] = [];
  const onStderr = (line: string) => {
    clearTimeout(timer);
    timer = setTimeout(stall, options.stallTimeout);
    const event = read(line);
    if (event?.type === "error") errors.push(event.message);
    if (event !== undefined) options.onEvent(event);
  };
  const argv = nixArgv([
    "copy",
    "--log-format",
    "internal-json",
    "--substitute-on-destination",
    // Of a destination over HTTP; ssh has a limit of its own.
    "--option",
    "connect-timeout",
    "5",
    ...(options.checkSignatures ? [] : ["--no-check-sigs"]),
    "--to",
    destination,
    ...paths,
  ]);
  try {
    await run(argv, {
      signal: AbortSignal.any([options.signal, stalled.signal]),
      env: { NIX_SSHOPTS: options.sshOptions },
      onStderr,
    });
  } catch (error) {
    if (!(error instanceof CommandError) || error.missing) throw nixFailure(error, "copy-failed");
    throw new DeployError("copy-failed", errors.at(-1) ?? nixReason(error), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function nixReason(error: CommandError): string {
  const lines = error.stderr.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("@nix "));
  return lines.at(-1) ?? error.message;
}
