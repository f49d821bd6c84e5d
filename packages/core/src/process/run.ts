import { execa, type Options, type ResultPromise } from "execa";
import { CommandError } from "./command-error.ts";

export interface RunOptions {
  /** Ends the command: SIGTERM to its whole process group, SIGKILL 3 s later. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the command is ended in the same way. No limit by default. */
  readonly timeout?: number | undefined;
  /** Text for the command's standard input, which is empty by default. */
  readonly input?: string | undefined;
  /** Variables added to the environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Called with each line of standard output, or of standard error, as it comes. */
  readonly onStdout?: ((line: string) => void) | undefined;
  readonly onStderr?: ((line: string) => void) | undefined;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `argv` to its end. Throws CommandError when it cannot be started, exits with a status other than 0, is
 * ended by a signal or by its time limit; and the reason of `signal` when that was aborted.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const subprocess = spawn(argv, { ...limits(options), input: options.input ?? "" });
  return settle(argv, subprocess, options);
}

/**
 * Starts `argv` with an open standard input and leaves it running until `signal` ends it. The promise settles when the
 * command has ended, and rejects as that of `run` does.
 */
export function start(argv: readonly string[], options: Omit<RunOptions, "input">): Promise<RunResult> {
  const subprocess = spawn(argv, { ...limits(options), stdin: "pipe" });
  return settle(argv, subprocess, options);
}

async function settle(
  argv: readonly string[],
  subprocess: ResultPromise,
  options: RunOptions,
): Promise<RunResult> {
  const result = await ended(subprocess, options);
  if (!result.failed) return { stdout: String(result.stdout ?? ""), stderr: String(result.stderr ?? "") };
  options.signal?.throwIfAborted();
  throw new CommandError(argv, result);
}

function spawn(argv: readonly string[], options: Options): ResultPromise {
  const [file, ...args] = argv;
  if (file === undefined) throw new RangeError("an empty command line");
  return execa(file, args, options) as ResultPromise;
}

function limits(options: RunOptions): Options {
  return {
    reject: false,
    killDescendants: true,
    forceKillAfterDelay: 3000,
    maxBuffer: 64 * 1024 * 1024,
    stdout: "pipe",
    stderr: "pipe",
    ...(options.signal && { cancelSignal: options.signal }),
    ...(options.timeout && { timeout: options.timeout }),
    ...(options.env && { env: { ...options.env } }),
  };
}

async function ended(subprocess: ResultPromise, options: RunOptions) {
  const readers = [
    options.onStdout && forward(subprocess.iterable({ from: "stdout" }), options.onStdout),
    options.onStderr && forward(subprocess.iterable({ from: "stderr" }), options.onStderr),
  ];
  const [result] = await Promise.all([subprocess, ...readers]);
  return result;
}

// A command that fails ends its iterables with the same error, which the caller learns from the result.
async function forward(lines: AsyncIterable<unknown>, listener: (line: string) => void): Promise<void> {
  try {
    for await (const line of lines) listener(String(line));
  } catch {}
}
