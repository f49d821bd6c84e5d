import { readdir, readFile } from "node:fs/promises";

/** Processes of this machine that were started with `text` in their environment: command lines by process number. */
export async function processesWith(text: string): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!pid || pid === process.pid || !(await readProcess(pid, "environ")).includes(text)) continue;
    const command = (await readProcess(pid, "cmdline")).replaceAll("\0", " ").trim();
    if (command !== "") found.set(pid, command);
  }
  return found;
}

/** Kills those processes. */
export async function endProcesses(text: string): Promise<void> {
  for (const pid of (await processesWith(text)).keys()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {}
  }
}

// A process that has ended has nothing to read.
async function readProcess(pid: number, file: "environ" | "cmdline"): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
}
