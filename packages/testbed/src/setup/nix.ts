import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../process.ts";
import { type CacheEntry, cached, cachedPath } from "./cached.ts";
import { debianRoot, debianRootVersion } from "./debian-root.ts";
import { versionOnPath } from "./on-path.ts";
import { writeScript } from "./script.ts";
import type { Outcome } from "./step.ts";

const OLDEST = "2.18";
// Counts the forms that the wrapper scripts have had.
const FORM = 2;
const COMMANDS = [
  ...["nix", "nix-build", "nix-collect-garbage", "nix-copy-closure", "nix-daemon", "nix-env", "nix-hash"],
  ...["nix-instantiate", "nix-prefetch-url", "nix-shell", "nix-store"],
];

// For a machine without a Nix of its own: no users to build as, no cache to ask. The build hook, which this loader could
// not start, can be switched off by NIX_CONFIG alone: a nix.conf without it counts as one that does not say.
const SETTINGS = `experimental-features = nix-command flakes
sandbox = false
build-users-group =
substituters =
`;

/** The user's own Nix where it is new enough. */
export async function ownNix(): Promise<Outcome | undefined> {
  const version = await versionOnPath(["nix", "--version"], OLDEST);
  return version === undefined ? undefined : { what: `nix ${version}`, origin: "on PATH" };
}

/**
 * The Nix of the Debian root, run from there by that root's own loader and libraries. Settings come from /etc/nix or
 * NIX_CONF_DIR where the user has them; NIX_CONFIG adds to both as always.
 */
export async function nixOfDebianRoot(): Promise<Outcome> {
  const { directory, origin } = await writeCommands();
  const version = (await run([join(directory, "bin/nix"), "--version"])).split(" ").at(-1);
  return { what: `nix ${version}`, origin, commands: join(directory, "bin") };
}

function writeCommands(): Promise<CacheEntry> {
  const key = `nix-${debianRootVersion}-${FORM}`;
  const settings = join(cachedPath(key), "etc");
  return cached(key, async (home) => {
    await mkdir(join(home, "etc"));
    await writeFile(join(home, "etc/nix.conf"), SETTINGS);
    await mkdir(join(home, "bin"));
    for (const command of COMMANDS) await writeScript(join(home, "bin", command), wrapper(command, settings));
  });
}

function wrapper(command: string, settings: string): string {
  const { loader, libraries } = platform();
  return `export NIX_CONFIG="build-hook =
\${NIX_CONFIG-}"
[ -e /etc/nix/nix.conf ] || export NIX_CONF_DIR="\${NIX_CONF_DIR-${settings}}"
root='${debianRoot}'
exec "$root/${loader}" --library-path "$root/${libraries}" --argv0 ${command} "$root/usr/bin/${command}" "$@"`;
}

function platform(): { readonly loader: string; readonly libraries: string } {
  return process.arch === "arm64"
    ? { loader: "usr/lib/ld-linux-aarch64.so.1", libraries: "usr/lib/aarch64-linux-gnu" }
    : { loader: "usr/lib64/ld-linux-x86-64.so.2", libraries: "usr/lib/x86_64-linux-gnu" };
}
