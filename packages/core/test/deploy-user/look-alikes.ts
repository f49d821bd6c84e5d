import { randomUUID } from "node:crypto";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { marker, run, type Site } from "./site.ts";

// What would run as root if the guard took one of these for a system.
const script = `#!/bin/sh\ntouch ${marker}\n`;

/** A look-alike of a system, addressed by its content: a directory that anybody can add to a store. */
export async function addedSystem(site: Site): Promise<string> {
  const directory = join(site.directory, `nixos-system-${randomUUID()}`);
  await mkdir(join(directory, "bin"), { recursive: true });
  for (const file of ["bin/switch-to-configuration", "init"]) {
    await writeFile(join(directory, file), script);
    await chmod(join(directory, file), 0o755);
  }
  await writeFile(join(directory, "nixos-version"), "25.05");
  return (await run(["nix-store", "--add", directory])).text.trim();
}

/** The derivation of a look-alike; its builder, too, leaves the marker. */
export async function systemDerivation(site: Site): Promise<string> {
  const builder = `${script.split("\n")[1]}; mkdir -p $out/bin; cp $scriptPath $out/bin/switch-to-configuration
    cp $scriptPath $out/init; chmod 0555 $out/bin/* $out/init; echo 25.05 >$out/nixos-version`;
  return instantiate(
    site,
    `{ name = "nixos-system-${randomUUID()}"; passAsFile = [ "script" ]; PATH = "/usr/bin:/bin";
       script = ${JSON.stringify(script)}; args = [ "-c" ${nixString(builder)} ]; builder = "/bin/sh"; }`,
  );
}

/** A derivation whose builder has the network of the host, since its output is fixed. */
export function fetchingDerivation(site: Site): Promise<string> {
  return instantiate(
    site,
    `{ name = "fetched-${randomUUID()}"; outputHashAlgo = "sha256"; outputHash = "${"0".repeat(64)}";
       args = [ "-c" "/usr/bin/touch ${marker}" ]; builder = "/bin/sh"; }`,
  );
}

/** The same with the program that Nix itself brings along to fetch things. */
export function builtinDerivation(site: Site): Promise<string> {
  return instantiate(
    site,
    `{ name = "fetched-${randomUUID()}"; outputHashAlgo = "sha256"; outputHash = "${"0".repeat(64)}";
       system = "builtin"; builder = "builtin:fetchurl"; url = "http://127.0.0.1:8080/"; }`,
  );
}

/** Builds a look-alike here, so that it is addressed by its derivation; signs it with the key in the file `key`. */
export async function builtSystem(site: Site, key?: string): Promise<string> {
  const built = (await run(["nix-store", "--realise", await systemDerivation(site)])).text;
  await run(["rm", "-f", marker]);
  const path = /\/nix\/store\/\S+/.exec(built)?.[0] ?? "";
  if (key !== undefined) await sign(site, key, path);
  return path;
}

/** Signs the closure of `path` with the key in the file `key`. */
export async function sign(site: Site, key: string, path: string): Promise<void> {
  const sign = ["nix", "--extra-experimental-features", "nix-command", "store", "sign", "--recursive"];
  await run([...sign, "--key-file", site.key(key), path]);
}

/** A directory in the store with a link to a file of root's. */
export async function leakingLink(site: Site): Promise<string> {
  const directory = join(site.directory, `leak-${randomUUID()}`);
  await mkdir(directory);
  await symlink("/etc/shadow", join(directory, "shadow"));
  return (await run(["nix-store", "--add", directory])).text.trim();
}

async function instantiate(site: Site, attributes: string): Promise<string> {
  const file = join(site.directory, `${randomUUID()}.nix`);
  await writeFile(file, `derivation ({ system = builtins.currentSystem; } // ${attributes})`);
  return /\/nix\/store\/\S+\.drv/.exec((await run(["nix-instantiate", file])).text)?.[0] ?? "";
}

const nixString = (text: string) => JSON.stringify(text).replaceAll("$", "\\$");
