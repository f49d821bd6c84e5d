import { DeployError } from "../errors.ts";
import type { StorePath } from "../model/store-path.ts";
import { CommandError, lastLines } from "../process/command-error.ts";
import { run } from "../process/run.ts";
import { createLogReader, type NixLogEvent } from "./internal-json.ts";
import { nixFailure } from "./nix-command.ts";

export interface SubstituteOptions {
  /** URL of one more binary cache than the machine knows itself; what it has needs a signature that the machine trusts. */
  readonly from?: string | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds without any progress after which it counts as stalled. */
  readonly stallTimeout: number;
  readonly onEvent: (event: NixLogEvent) => void;
}

// What a cache had an hour ago says nothing of what it has now.
const fresh = [
  ...["--option", "narinfo-cache-negative-ttl", "0"],
  ...["--option", "narinfo-cache-positive-ttl", "0"],
];

/** Flags of nix-store that let it look into the binary cache `from` too, and believe none that it asked before. */
export function lookingInto(from: string | undefined): string[] {
  return from === undefined ? fresh : [...fresh, "--option", "extra-substituters", from];
}

/** Gets `path` with all it needs from this machine's substituters, and builds nothing. Throws `copy-failed`, or `timeout`. */
export async function substitute(path: StorePath, options: SubstituteOptions): Promise<void> {
  const said: string[] = [];
  const onEvent = (event: NixLogEvent) => {
    if (event.type === "error" || event.type === "warning") said.push(event.message);
    options.onEvent(event);
  };
  try {
    await realise([path], { ...options, onEvent });
  } catch (error) {
    if (!(error instanceof CommandError) || error.missing) throw nixFailure(error, "copy-failed");
    const reason = said.join("\n") || lastLines(error.stderr, 5) || error.message;
    throw new DeployError("copy-failed", reason, { cause: error });
  }
}

/** Gets those of `paths` that the substituters have, each with all it needs. */
export async function substituteAvailable(
  paths: readonly StorePath[],
  options: SubstituteOptions,
): Promise<void> {
  try {
    await realise(["--keep-going", "--option", "connect-timeout", "5", ...paths], options);
  } catch (error) {
    // Of some that they do not have.
    if (!(error instanceof CommandError) || error.missing) throw nixFailure(error, "copy-failed");
  }
}

async function realise(args: readonly string[], options: SubstituteOptions): Promise<void> {
  const { from, signal, stallTimeout, onEvent } = options;
  const stalled = new AbortController();
  const stall = () => stalled.abort(new DeployError("timeout", `nothing came for ${stallTimeout / 1000} s`));
  let timer = setTimeout(stall, stallTimeout);
  const read = createLogReader();
  const onStderr = (line: string) => {
    clearTimeout(timer);
    timer = setTimeout(stall, stallTimeout);
    const event = read(line);
    if (event !== undefined) onEvent(event);
  };
  try {
    const argv = ["nix-store", "--realise", "--log-format", "internal-json", ...lookingInto(from), ...args];
    await run(argv, { signal: AbortSignal.any([signal, stalled.signal]), onStderr });
  } finally {
    clearTimeout(timer);
  }
}
