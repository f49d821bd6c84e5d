import { mkdir, mkdtemp, readdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { withLock } from "../../lock.mjs";
import { toolchain } from "./places.ts";

/**
 * Makes `.toolchain` point to the given directories of commands: `bin/` links to each of them, and `env` puts them on
 * the PATH of the shell that sources it, with `variables`.
 */
export async function linkToolchain(
  directories: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const commands = await Promise.all(directories.map(commandsIn));
  await withLock(join(toolchain, "link.lock"), async () => {
    await linkAll([process.execPath, ...commands.flat()]);
    await writeFile(join(toolchain, "env"), shellText(variables));
  });
}

async function commandsIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).map((name) => join(directory, name));
}

async function linkAll(files: readonly string[]): Promise<void> {
  const bin = join(toolchain, "bin");
  await mkdir(bin, { recursive: true });
  const wanted = new Map(files.map((file) => [basename(file), file]));
  for (const name of await readdir(bin)) {
    if (!wanted.has(name)) await rm(join(bin, name));
  }
  await Promise.all([...wanted].map(([name, file]) => link(file, join(bin, name))));
}

async function link(file: string, name: string): Promise<void> {
  if ((await readlink(name).catch(() => undefined)) === file) return;
  const temporary = await mkdtemp(`${toolchain}/link-`);
  await symlink(file, join(temporary, "link"));
  await rename(join(temporary, "link"), name);
  await rm(temporary, { recursive: true });
}

function shellText(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  );
  return `# Source this in a shell: . .toolchain/env
case ":$PATH:" in
  *':${join(toolchain, "bin")}:'*) ;;
  *) export PATH='${join(toolchain, "bin")}':"$PATH" ;;
esac
${lines.join("\n")}
`;
}
