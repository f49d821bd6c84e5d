import { execFile } from "node:child_process";
import { join } from "node:path";

const main = join(import.meta.dirname, "../../src/main.ts");

/** Runs the command from its sources, as a process of its own. */
export function runCli(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return runCliIn(process.cwd(), ...args);
}

/** The same in the directory `cwd`. */
export function runCliIn(
  cwd: string,
  ...args: string[]
): Promise<{ status: number; stdout: string; stderr: string }> {
  const argv = ["--conditions=@homelab-deploy/source", main, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { encoding: "utf8", cwd }, (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}
