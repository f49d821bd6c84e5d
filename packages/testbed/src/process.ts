import { execa } from "execa";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; the command is ended when they are over. */
  readonly timeout?: number;
}

/** Runs `argv` and returns its standard output. Throws with its standard error when its exit status is not 0. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout } = await start(argv, options);
  return stdout;
}

/** Runs `argv` with its output shown on standard error, which is where a story goes. */
export async function runShown(argv: readonly string[], options: RunOptions = {}): Promise<void> {
  await start(argv, options, 2);
}

async function start(
  argv: readonly string[],
  { signal, ...options }: RunOptions,
  output: "pipe" | 2 = "pipe",
) {
  const [file, ...args] = argv;
  if (file === undefined) throw new RangeError("an empty command line");
  return execa(file, args, {
    stdin: "ignore",
    stdout: output,
    stderr: output,
    ...options,
    ...(signal && { cancelSignal: signal }),
  } as { stdout: "pipe" });
}
