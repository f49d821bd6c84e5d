import { DeployError } from "../errors.ts";
import type { StorePath } from "../model/store-path.ts";
import { CommandError } from "../process/command-error.ts";
import { run } from "../process/run.ts";
import { createLogReader, type NixLogEvent } from "./internal-json.ts";
import { nixArgv, nixFailure } from "./nix-command.ts";
import { requisites } from "./path-info.ts";

export interface BuildFailure {
  readonly derivation: StorePath;
  readonly error: DeployError;
}

/**
 * Builds `derivations` in one run of Nix, which goes on with the others when one fails, and returns the failures.
 * `onEvent` gets Nix's log as it comes. Throws when Nix itself cannot run, and the signal's reason on abort.
 */
export async function build(
  derivations: readonly StorePath[],
  options: { readonly signal: AbortSignal; readonly onEvent: (event: NixLogEvent) => void },
): Promise<BuildFailure[]> {
  if (derivations.length === 0) return [];
  const read = createLogReader();
  const logs = new Map<string, string[]>();
  const messages: string[] = [];
  const onStderr = (line: string) => {
    const event = read(line);
    if (event === undefined) return;
    if (event.type === "log") remember(logs, event.derivation, event.line);
    if (event.type === "error") messages.push(event.message);
    options.onEvent(event);
  };
  const argv = nixArgv([
    "build",
    "--no-link",
    "--keep-going",
    "--log-format",
    "internal-json",
    ...derivations.map((derivation) => `${derivation}^out`),
  ]);
  try {
    await run(argv, { signal: options.signal, onStderr });
    return [];
  } catch (error) {
    if (!(error instanceof CommandError) || error.missing) throw nixFailure(error, "build-failed");
    return explainFailures(derivations, messages, logs, error, options.signal);
  }
}

const keptLines = 20;

function remember(logs: Map<string, string[]>, derivation: string, line: string): void {
  const lines = logs.get(derivation) ?? [];
  lines.push(line);
  if (lines.length > keptLines) lines.shift();
  logs.set(derivation, lines);
}

// With --keep-going Nix names every derivation whose builder failed; a wanted one failed by itself or by one it needs.
async function explainFailures(
  derivations: readonly StorePath[],
  messages: readonly string[],
  logs: ReadonlyMap<string, string[]>,
  cause: CommandError,
  signal: AbortSignal,
): Promise<BuildFailure[]> {
  const failed = new Map<string, string>();
  for (const message of messages) {
    const derivation =
      /(?:builder for|[Cc]annot build|hash mismatch in fixed-output derivation) '([^']+\.drv)'/.exec(
        message,
      )?.[1];
    if (derivation !== undefined && !failed.has(derivation)) failed.set(derivation, message);
  }
  const failures = await Promise.all(
    derivations.map(async (derivation): Promise<BuildFailure | undefined> => {
      const needed = new Set<string>(await requisites([derivation], signal));
      const culprit = [...failed.keys()].find((candidate) => needed.has(candidate));
      if (culprit === undefined)
        return failed.size > 0 ? undefined : { derivation, error: unexplained(messages, cause) };
      const log = logs.get(culprit) ?? [];
      const text = [failed.get(culprit)?.split("\n")[0], ...log.map((line) => `  ${line}`)].join("\n");
      return {
        derivation,
        error: new DeployError("build-failed", text, { cause, hint: `nix log ${culprit}` }),
      };
    }),
  );
  return failures.filter((failure) => failure !== undefined);
}

function unexplained(messages: readonly string[], cause: CommandError): DeployError {
  const otherPlatform = messages.find((message) => /is required to build/.test(message));
  if (otherPlatform === undefined)
    return new DeployError("build-failed", messages.at(-1) ?? cause.message, { cause });
  return new DeployError("build-failed", otherPlatform, {
    cause,
    hint: 'Build it on the host itself (buildOn: "target"), or give Nix a remote builder for that platform.',
  });
}
