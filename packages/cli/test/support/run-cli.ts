import { execFile } from "node:child_process";
import { join } from "node:path";
import { runCommand } from "../../src/run-command.ts";

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const main = join(import.meta.dirname, "../../src/main.ts");

/** Runs the command from its sources, as a process of its own. */
export function runCli(...args: string[]): Promise<CliResult> {
  return runCliIn(process.cwd(), ...args);
}

/** The same in the directory `cwd`. */
export function runCliIn(cwd: string, ...args: string[]): Promise<CliResult> {
  const argv = ["--conditions=@homelab-deploy/source", main, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { encoding: "utf8", cwd }, (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

/** Runs the command in this process, which starts at once. */
export async function runHere(...args: string[]): Promise<CliResult> {
  let [stdout, stderr] = ["", ""];
  const status = await runCommand(args, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    signal: new AbortController().signal,
  });
  return { status, stdout, stderr };
}
