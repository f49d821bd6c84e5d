import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runShown } from "../process.ts";
import { findGo } from "./go.ts";

const modules = resolve(import.meta.dirname, "../../toolchain");

/**
 * Builds the command that `toolchain/<module>` pins by its go.mod and go.sum into `output`. `linkerFlags` go to the
 * Go linker.
 */
export async function goBuild(module: string, output: string, linkerFlags = ""): Promise<void> {
  const go = await findGo();
  const directory = join(modules, module);
  console.error(`${module}: building, once`);
  await runShown([go, "build", `-ldflags=-s -w ${linkerFlags}`, "-o", output, await packageOf(directory)], {
    cwd: directory,
    env: { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false" },
  });
}

async function packageOf(directory: string): Promise<string> {
  const source = await readFile(join(directory, "tools.go"), "utf8");
  const [, name] = /^import _ "(.+)"$/m.exec(source) ?? [];
  if (name === undefined) throw new Error(`${directory}/tools.go names no command`);
  return name;
}
