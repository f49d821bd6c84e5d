import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../process.ts";
import { gatewayAddress, hostAddress, type Subnet } from "./subnet.ts";

const HOST_KEY = "etc/ssh/ssh_host_ed25519_key";

/** Everything that a host keeps on the machine: `<testbed>/hosts/<name>`. */
export function hostDirectory(testbed: string, name: string): string {
  return join(testbed, "hosts", name);
}

/** The private key that root of every host of the testbed accepts. */
export function identityFile(testbed: string): string {
  return join(testbed, "id_ed25519");
}

/** Makes the testbed's key where it is missing. */
export async function ensureIdentity(testbed: string, signal?: AbortSignal): Promise<void> {
  const file = identityFile(testbed);
  if ((await readFile(file).catch(() => undefined)) === undefined) await makeKey(file, "testbed", signal);
}

/** Writes a new host's own files: what an installer leaves beside the system, and what its network tells it. */
export async function writeDisk(
  testbed: string,
  name: string,
  subnet: Subnet,
  index: number,
  signal?: AbortSignal,
): Promise<void> {
  const disk = join(hostDirectory(testbed, name), "upper");
  await rm(disk, { recursive: true, force: true });
  await makeDirectory(disk, ".");
  await makeDirectory(disk, "root", 0o700);
  await makeDirectory(disk, "root/.ssh", 0o700);
  await copyFile(`${identityFile(testbed)}.pub`, join(disk, "root/.ssh/authorized_keys"));
  await makeDirectory(disk, "etc/ssh");
  await writeFile(join(disk, "etc/NIXOS"), "");
  await makeKey(join(disk, HOST_KEY), name, signal);
  await writeDiskFile(
    disk,
    "var/lib/testbed/lease",
    `ADDRESS=${hostAddress(subnet, index)}/24\nGATEWAY=${gatewayAddress(subnet)}\nHOSTNAME=${name}\n`,
  );
}

/** The host's public key as `ssh-ed25519 AAAA...`, without comment. */
export async function readHostKey(testbed: string, name: string): Promise<string> {
  const text = await readFile(join(hostDirectory(testbed, name), "upper", `${HOST_KEY}.pub`), "utf8");
  return text.trim().split(" ").slice(0, 2).join(" ");
}

async function writeDiskFile(disk: string, file: string, text: string): Promise<void> {
  await makeDirectory(disk, dirname(file));
  await writeFile(join(disk, file), text);
}

// Directories of the upper layer bring their own mode to the merged ones.
async function makeDirectory(disk: string, path: string, mode = 0o755): Promise<void> {
  await mkdir(join(disk, path), { recursive: true, mode });
}

async function makeKey(file: string, comment: string, signal?: AbortSignal): Promise<void> {
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file], { signal });
}
