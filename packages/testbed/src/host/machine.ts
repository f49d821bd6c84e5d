import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const script = resolve(import.meta.dirname, "run-host.sh");
const POWER_OFF_MILLISECONDS = 30_000;

export interface Hardware {
  /** The host's own directory. */
  readonly directory: string;
  /** Lower directories of the disk, the uppermost first. */
  readonly lower: readonly string[];
  readonly bridge: string;
  /** The machine's end of the cable, which also names the host's cgroup. */
  readonly link: string;
  readonly hardwareAddress: string;
  readonly name: string;
}

/** Switches a host on. It runs on its own, also after the end of this process; its console goes to `console.log`. */
export async function powerOn(hardware: Hardware): Promise<void> {
  const { directory, lower, bridge, link, hardwareAddress, name } = hardware;
  const console = await open(join(directory, "console.log"), "a");
  try {
    const argv = [script, directory, lower.join(":"), link, bridge, link, hardwareAddress, name];
    const child = spawn("unshare", ["--mount", "--propagation", "slave", "sh", ...argv], {
      detached: true,
      stdio: ["ignore", console.fd, console.fd],
    });
    await once(child, "spawn");
    child.unref();
    while (child.exitCode === null && (await runnerOf(directory)) === undefined) await sleep(5);
  } finally {
    await console.close();
  }
}

/**
 * Cuts a host's power: everything in it dies at once. Settles when nothing of it is left but its disk; throws when that
 * takes more than half a minute.
 */
export async function powerOff(directory: string): Promise<void> {
  const runner = await runnerOf(directory);
  if (runner === undefined) return;
  const end = performance.now() + POWER_OFF_MILLISECONDS;
  // Said again and again: the first time may come before anything runs that could be cut off.
  for (let polls = 0; (await runnerOf(directory)) !== undefined; polls++) {
    if (performance.now() > end)
      throw new Error(`process ${runner} does not end: it runs the host in ${directory}`);
    if (polls % 10 === 0) cutPower(runner);
    await sleep(20);
  }
}

function cutPower(runner: number): void {
  try {
    process.kill(runner, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export async function isOn(directory: string): Promise<boolean> {
  return (await runnerOf(directory)) !== undefined;
}

/** The process that is process 1 of the running host, by its number on this machine. */
export async function leaderOf(directory: string): Promise<number | undefined> {
  let generation = [await runnerOf(directory)].filter((pid) => pid !== undefined);
  while (generation.length > 0) {
    const children = (await Promise.all(generation.map(childrenOf))).flat();
    for (const child of children) {
      // This machine's, the runner's and the host's own process namespace each give a number.
      const numbers = await numbersOf(child);
      if (numbers.length === 3 && numbers[2] === 1) return child;
    }
    generation = children;
  }
  return undefined;
}

// A process number alone may be another process by now.
async function runnerOf(directory: string): Promise<number | undefined> {
  const pid = Number(await readIfThere(join(directory, "pid")));
  if (!pid) return undefined;
  const argv = (await readIfThere(`/proc/${pid}/cmdline`))?.split("\0");
  return argv?.includes(script) && argv.includes(directory) ? pid : undefined;
}

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readIfThere(`/proc/${pid}/task/${pid}/children`);
  return (children ?? "").split(" ").filter(Boolean).map(Number);
}

async function numbersOf(pid: number): Promise<number[]> {
  const [, numbers = ""] = /^NSpid:\s*(.*)$/m.exec((await readIfThere(`/proc/${pid}/status`)) ?? "") ?? [];
  return numbers.split("\t").map(Number);
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
