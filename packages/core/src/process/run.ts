import type { ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import type { Options, ResultPromise } from "execa";
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

const fixedOptions: Options = {
  reject: false,
  killDescendants: true,
  forceKillAfterDelay: 3000,
  maxBuffer: 64 * 1024 * 1024,
  stdout: "pipe",
  stderr: "pipe",
};

/**
 * Runs `argv` to its end. Throws CommandError when it cannot be started, exits with a status other than 0, is
 * ended by a signal or by its time limit; and the reason of `signal` when that was aborted.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  options.signal?.throwIfAborted();
  return execute(argv, options, { input: options.input ?? "" });
}

export interface StartOptions extends Omit<RunOptions, "input"> {
  /** Called once with the command's standard input, which stays open until this side or the command ends it. */
  readonly onStdin: (stdin: Pick<Writable, "write" | "end">) => void;
}

/**
 * Starts `argv` with an open standard input and leaves it running until it ends or `signal` ends it. The promise settles
 * when the command has ended, and rejects as that of `run` does.
 */
export function start(argv: readonly string[], { onStdin, ...options }: StartOptions): Promise<RunResult> {
  return execute(argv, options, { stdin: "pipe" }, onStdin);
}

/**
 * Runs `argv` and yields its standard output as it comes; the command waits while nobody reads. The last part is followed
 * by CommandError when the command failed, as `run` throws it.
 */
export async function* runReading(
  argv: readonly string[],
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const [file, ...args] = argv;
  if (file === undefined) throw new RangeError("an empty command line");
  const left = new AbortController();
  const cancelSignal = AbortSignal.any([signal, left.signal]);
  const options = { ...fixedOptions, stdin: "ignore", buffer: { stdout: false }, cancelSignal } as const;
  const execa = await loadExeca();
  const subprocess = execa(file, args, options) as ResultPromise;
  const ended = Promise.resolve(subprocess);
  try {
    for await (const part of subprocess.stdout ?? []) yield part as Uint8Array;
    const result = await ended;
    signal.throwIfAborted();
    if (result.failed) throw new CommandError(argv, result);
  } finally {
    left.abort();
    await ended;
  }
}

async function execute(
  argv: readonly string[],
  options: RunOptions,
  stdin: { readonly input: string } | { readonly stdin: "pipe" },
  onStdin?: StartOptions["onStdin"],
): Promise<RunResult> {
  const [file, ...args] = argv;
  if (file === undefined) throw new RangeError("an empty command line");
  const limit = options.timeout ? AbortSignal.timeout(options.timeout) : undefined;
  const cancelSignal = AbortSignal.any([options.signal, limit].filter((signal) => signal !== undefined));
  const execa = await loadExeca();
  const subprocess = execa(file, args, {
    ...fixedOptions,
    ...stdin,
    cancelSignal,
    ...(options.env && { env: { ...options.env } }),
  }) as ResultPromise;
  abandonPipes(subprocess.nodeChildProcess, cancelSignal);
  if (onStdin !== undefined) lendStdin(subprocess.nodeChildProcess, onStdin);
  const result = await ended(subprocess, options);
  const { failed, exitCode } = result;
  const [stdout, stderr] = [String(result.stdout ?? ""), String(result.stderr ?? "")];
  if (!failed) return { stdout, stderr };
  options.signal?.throwIfAborted();
  throw new CommandError(argv, limit?.aborted ? { timedOut: true, exitCode, stdout, stderr } : result);
}

// With the first command: a listener that has nothing to do is as small as it can be.
async function loadExeca() {
  return (await import("execa")).execa;
}

// Once a command was ended, nobody waits for others that hold its output open: the master of a multiplexed ssh does, for
// as long as its host does not answer.
function abandonPipes(process: ChildProcess, ending: AbortSignal): void {
  process.once("exit", () => {
    if (!ending.aborted) return;
    process.stdout?.destroy();
    process.stderr?.destroy();
  });
}

// What is written to a command that has gone is lost: its end tells.
function lendStdin({ stdin }: ChildProcess, onStdin: StartOptions["onStdin"]): void {
  if (stdin === null) return;
  stdin.on("error", () => {});
  onStdin(stdin);
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
