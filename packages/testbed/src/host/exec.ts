import { execa } from "execa";

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PATH = "/run/current-system/sw/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The command line on this machine that runs `argv` as root inside the host whose process 1 is `leader`.
 *
 * The shell between the two waits outside of the host's process namespace. nsenter's own way to wait would stop for ever
 * when the command is stopped, which a host that shuts down does to all of its processes, and which would then not end.
 */
export function enterHost(leader: number, argv: readonly string[]): [string, ...string[]] {
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
  const waiting = ["/bin/sh", "-c", '"$@"; exit $?', "sh"];
  const environment = [`PATH=${PATH}`, "HOME=/root", "USER=root", "LANG=C.UTF-8"];
  const entering = ["--target", String(leader), ...namespaces, "--no-fork", "--"];
  return ["nsenter", ...entering, ...waiting, "/usr/bin/env", "-i", ...environment, ...argv];
}

/** Runs `argv` inside a host, with a file as its input or none. Throws the reason of `signal` when that ends it. */
export async function execInHost(
  leader: number,
  argv: readonly string[],
  signal: AbortSignal,
  inputFile?: string,
): Promise<ExecResult> {
  const [file, ...args] = enterHost(leader, argv);
  const input = inputFile === undefined ? ({ stdin: "ignore" } as const) : { inputFile };
  const { exitCode, stdout, stderr } = await execa(file, args, {
    reject: false,
    ...input,
    cancelSignal: signal,
    killDescendants: true,
  });
  signal.throwIfAborted();
  return { exitCode: exitCode ?? 1, stdout, stderr };
}
