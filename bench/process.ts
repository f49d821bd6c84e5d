import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pluginDirectory } from "@homelab-deploy/testbed";

export const pluginCommand = [join(pluginDirectory, "pulumi-resource-nixos")];

/** A running process that has written its first line. */
export interface Started extends AsyncDisposable {
  readonly pid: number;
  readonly line: string;
  /** From the start of the process to its first line. */
  readonly milliseconds: number;
}

/** Starts `command` as Pulumi starts plugins, and waits for its first line. */
export async function startProcess([file = "", ...args]: readonly string[]): Promise<Started> {
  const start = performance.now();
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const ended = exit.then(() => Promise.reject(new Error(`${file} ${args.join(" ")} ended without a line`)));
  const [line] = (await Promise.race([once(createInterface(child.stdout), "line"), ended])) as [string];
  return {
    pid: child.pid as number,
    line,
    milliseconds: performance.now() - start,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGINT");
      await exit;
    },
  };
}

/** Memory that a process has in use, in MiB, its pages of the executable included. */
export async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
