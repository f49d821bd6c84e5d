import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { HostInfo, Testbed } from "../../src/index.ts";
import { sh } from "./systems.ts";

export function bootId(bed: Testbed, host: HostInfo): Promise<string> {
  return sh(bed, host, "cat /proc/sys/kernel/random/boot_id");
}

/** Reboots the host from inside, and returns the toplevel that it booted when it is up again. */
export async function reboot(bed: Testbed, host: HostInfo): Promise<string> {
  const before = await bootId(bed, host);
  await bed.exec(host.name, ["systemctl", "reboot"]);
  await expect.poll(() => bootId(bed, host).catch(() => before), { timeout: 60_000 }).not.toBe(before);
  await bed.waitUntilUp(host.name);
  return sh(bed, host, "readlink -f /run/booted-system");
}

/** What the testbed's own programs said on the host's console so far, a line each. */
export async function consoleOf(bed: Testbed, host: HostInfo): Promise<string[]> {
  const console = await readFile(join(bed.directory, "hosts", host.name, "console.log"), "utf8");
  return [...console.matchAll(/^testbed: (.*)$/gm)].map(([, line]) => (line as string).trim());
}
