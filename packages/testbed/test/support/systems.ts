import { join } from "node:path";
import type { HostInfo, Testbed } from "../../src/index.ts";
import { run } from "../../src/process.ts";

const systems = join(import.meta.dirname, "../systems.nix");
const PROFILE = "/nix/var/nix/profiles/system";

/** Builds a toplevel of `test/systems.nix` and copies it to the host. */
export async function copySystem(host: HostInfo, name: string): Promise<string> {
  const toplevel = await run(["nix", "build", "--no-link", "--print-out-paths", "--file", systems, name]);
  await run(["nix", "copy", "--no-check-sigs", "--to", `ssh-ng://${host.user}@${host.address}`, toplevel], {
    env: { NIX_SSHOPTS: sshOptions(host).join(" ") },
  });
  return toplevel;
}

/** Makes a toplevel of `test/systems.nix` the host's newest generation, and what it boots. */
export async function installSystem(bed: Testbed, host: HostInfo, name: string): Promise<string> {
  const toplevel = await copySystem(host, name);
  await sh(bed, host, `nix-env --profile ${PROFILE} --set ${toplevel}`);
  await sh(bed, host, `${toplevel}/bin/switch-to-configuration boot`);
  return toplevel;
}

/** What a shell of the host prints; throws what it complains about when its exit status is not 0. */
export async function sh(bed: Testbed, host: HostInfo, text: string): Promise<string> {
  const { exitCode, stdout, stderr } = await bed.exec(host.name, ["sh", "-c", text]);
  if (exitCode !== 0) throw new Error(`exit status ${exitCode}: ${text}\n${stderr}`);
  return stdout;
}

/** Lets ssh log in; which host it is does not matter here. */
export function sshOptions(host: HostInfo): string[] {
  const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
  return ["-F", "none", "-i", host.identityFile, ...options.flatMap((option) => ["-o", option])];
}
