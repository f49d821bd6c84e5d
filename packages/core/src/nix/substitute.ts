import { DeployError } from "../errors.ts";
import type { StorePath } from "../model/store-path.ts";
import { CommandError, lastLines } from "../process/command-error.ts";
import { run } from "../process/run.ts";
import { createLogReader, type NixLogEvent } from "./internal-json.ts";
import { nixFailure } from "./nix-command.ts";

export interface SubstituteOptions {
  /** URL of one more binary cache than the machine knows itself; what it has needs a signature that the machine trusts. */
  readonly from: string | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds without any progress after which it counts as stalled. */
  readonly stallTimeout: number;
  readonly onEvent: (event: NixLogEvent) => void;
}

/** Gets `path` with all it needs from this machine's substituters, and builds nothing. Throws `copy-failed`, or `timeout`. */
export async function substitute(
  path: StorePath,
  { from, signal, stallTimeout, onEvent }: SubstituteOptions,
): Promise<void> {
  const stalled = new AbortController();
  const stall = () => stalled.abort(new DeployError("timeout", `nothing came for ${stallTimeout / 1000} s`));
  let timer = setTimeout(stall, stallTimeout);
  const read = createLogReader();
  const said: string[] = [];
  const onStderr = (line: string) => {
    clearTimeout(timer);
    timer = setTimeout(stall, stallTimeout);
    const event = read(line);
    if (event?.type === "error" || event?.type === "warning") said.push(event.message);
    if (event !== undefined) onEvent(event);
  };
  // What a cache had an hour ago says nothing of what it has now.
  const fresh = [
    "--option",
    "narinfo-cache-negative-ttl",
    "0",
    "--option",
    "narinfo-cache-positive-ttl",
    "0",
  ];
  const more = from === undefined ? [] : ["--option", "extra-substituters", from];
  const argv = ["nix-store", "--realise", path, "--log-format", "internal-json", ...fresh, ...more];
  try {
    await run(argv, { signal: AbortSignal.any([signal, stalled.signal]), onStderr });
  } catch (error) {
    if (!(error instanceof CommandError) || error.missing) throw nixFailure(error, "copy-failed");
    const reason = said.join("\n") || lastLines(error.stderr, 5) || error.message;
    throw new DeployError("copy-failed", reason, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
