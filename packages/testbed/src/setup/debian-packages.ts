import { existsSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../../lock.mjs";
import { runShown } from "../process.ts";
import { findOnPath } from "./on-path.ts";
import { cache } from "./places.ts";
import { type Outcome, Unavailable } from "./step.ts";

/** Debian's package for each thing that has to be on the machine itself: a command, or a file. */
const packages: Readonly<Record<string, string>> = {
  "systemd-nspawn": "systemd-container",
  mmdebstrap: "mmdebstrap",
  ip: "iproute2",
  ssh: "openssh-client",
  git: "git",
  unshare: "util-linux",
  "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
};

/** Installs the Debian packages that test hosts and the Debian root need. As root only. */
export async function installDebianPackages(): Promise<Outcome> {
  if (missingPackages().length === 0) return { what: "Debian packages", origin: "up to date" };
  const missing = missingPackages();
  await installPackages(missing);
  return { what: `Debian packages ${missing.join(" ")}`, origin: "installed" };
}

/** Installs Debian packages by name; what is installed already stays as it is. As root only. */
export function installPackages(names: readonly string[]): Promise<void> {
  return withLock(join(cache, "locks/apt"), () => install(names));
}

/** Puts the file of a Debian package into `directory`, and installs nothing. As root only. */
export function downloadPackage(name: string, directory: string): Promise<void> {
  return withLock(join(cache, "locks/apt"), async () => {
    await aptGet(["update"]);
    await aptGet(["download", "--option", "APT::Sandbox::User=root", name], directory);
  });
}

function missingPackages(): string[] {
  return Object.entries(packages).flatMap(([thing, name]) => (isPresent(thing) ? [] : [name]));
}

function isPresent(thing: string): boolean {
  if (thing.startsWith("/")) return existsSync(thing);
  return findOnPath(thing) !== undefined || existsSync(join("/usr/sbin", thing));
}

async function install(missing: readonly string[]): Promise<void> {
  if (findOnPath("apt-get") === undefined) {
    throw new Unavailable(
      `missing here: ${missing.join(", ")}, and this is no Debian that could install them: do it by hand`,
    );
  }
  await aptGet(["update"]);
  await aptGet(["install", "--yes", "--no-install-recommends", ...missing]);
}

function aptGet(args: readonly string[], cwd = "/"): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };
  return runShown(["apt-get", "--quiet=2", "--option", "Dpkg::Use-Pty=0", ...args], { env, cwd });
}
