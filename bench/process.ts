import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pluginDirectory } from "@homelab-deploy/testbed";

export const pluginCommand = [join(pluginDirectory, "pulumi-resource-nixos")];

/** A running process that has written its first line. */
export interface Started extends AsyncDisposable {
  readonly line: string;
  /** From the start of the process to its first line. */
  readonly milliseconds: number;
}

/** Starts `command` as Pulumi starts plugins, and waits for its first line. */
export async function startProcess([file = "", ...args]: readonly string[]): Promise<Started> {
  const start = performance.now();
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    line,
    milliseconds: performance.now() - start,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGINT");
      await exit;
    },
  };
}
