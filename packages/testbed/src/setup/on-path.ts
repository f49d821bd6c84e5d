import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "../process.ts";
import { cache, toolchain } from "./places.ts";

/** The commands on the user's own PATH: what a set-up put there does not count. */
export const userPath = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((directory) => directory && !directory.startsWith(toolchain) && !directory.startsWith(cache));

/** The absolute path of a command of the user's own, if there is one. */
export function findOnPath(command: string): string | undefined {
  return userPath.map((directory) => join(directory, command)).find(isExecutable);
}

/**
 * The version of a command of the user's own, where it is at least `oldest`. `argv` prints it; a command that cannot
 * say its version counts as absent.
 */
export async function versionOnPath(argv: readonly string[], oldest: string): Promise<string | undefined> {
  const [command = "", ...args] = argv;
  const file = findOnPath(command);
  return file === undefined ? undefined : versionOf([file, ...args], oldest);
}

/** The same for a command at a path of its own. */
export async function versionOf(argv: readonly string[], oldest: string): Promise<string | undefined> {
  try {
    const [version] = /\d+(\.\d+)+/.exec(await run(argv, { timeout: 10_000 })) ?? [];
    return version && compareVersions(version, oldest) >= 0 ? version : undefined;
  } catch {
    return undefined;
  }
}

/** Negative when version `a` is older than `b`, 0 when both are the same, else positive. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number)) as [number[], number[]];
  for (let part = 0; part < Math.max(left.length, right.length); part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
