import { createHash } from "node:crypto";
import { copyFile, mkdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { run } from "../process.ts";
import { cached } from "../setup/cached.ts";
import { debianRoot, debianRootVersion } from "../setup/debian-root.ts";

const standIn = resolve(import.meta.dirname, "../../nixpkgs");

/**
 * The lower directories of a freshly installed host's disk: the stand-in's `hosts.installed` with its profile and its
 * boot loader entry, over the Debian root. Installing is done once for each version of the two.
 */
export async function installedSystem(signal?: AbortSignal): Promise<string[]> {
  const toplevel = await buildToplevel(signal);
  const version = createHash("sha256").update(`${debianRootVersion} ${toplevel}`).digest("hex").slice(0, 12);
  const { directory } = await cached(`installed-${version}`, (root) => install(toplevel, root, signal));
  return [directory, debianRoot];
}

async function buildToplevel(signal?: AbortSignal): Promise<string> {
  return run(
    [
      "nix",
      "build",
      "--no-link",
      "--no-write-lock-file",
      "--print-out-paths",
      `path:${standIn}#hosts.installed`,
    ],
    { signal },
  );
}

// What `nixos-install` does: closure, profile, boot loader.
async function install(toplevel: string, root: string, signal?: AbortSignal): Promise<void> {
  await run(["nix", "copy", "--no-check-sigs", "--to", `local?root=${root}`, toplevel], { signal });
  await installProfile(toplevel, root);
  await installLoader(toplevel, root);
}

async function installProfile(toplevel: string, root: string): Promise<void> {
  const state = join(root, "nix/var/nix");
  await mkdir(join(state, "profiles"), { recursive: true });
  await symlink(toplevel, join(state, "profiles/system-1-link"));
  await symlink("system-1-link", join(state, "profiles/system"));
  // Nix wrote the path that this directory has on this machine.
  await mkdir(join(state, "gcroots"), { recursive: true });
  await rm(join(state, "gcroots/profiles"), { force: true });
  await symlink("/nix/var/nix/profiles", join(state, "gcroots/profiles"));
}

async function installLoader(toplevel: string, root: string): Promise<void> {
  const entry = "nixos-generation-1.conf";
  const boot = join(root, "boot");
  await mkdir(join(boot, "loader/entries"), { recursive: true });
  await writeFile(join(boot, "loader/loader.conf"), `timeout 0\ndefault ${entry}\n`);
  await writeFile(
    join(boot, "loader/entries", entry),
    `title NixOS
version Generation 1
linux ${await copyBootFile(`${toplevel}/kernel`, boot)}
initrd ${await copyBootFile(`${toplevel}/initrd`, boot)}
options init=${toplevel}/init loglevel=4
`,
  );
}

// Named as NixOS names it; the path is the boot loader's.
async function copyBootFile(link: string, boot: string): Promise<string> {
  const file = await realpath(link);
  const path = `/EFI/nixos/${file.slice("/nix/store/".length).replaceAll("/", "-")}.efi`;
  await mkdir(join(boot, "EFI/nixos"), { recursive: true });
  await copyFile(file, join(boot, path));
  return path;
}
