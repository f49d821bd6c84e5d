import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runShown } from "../process.ts";
import { findOnPath } from "./on-path.ts";
import { Unavailable } from "./step.ts";

const modules = resolve(import.meta.dirname, "../../toolchain");

/**
 * Builds the command that `toolchain/<module>` pins by its go.mod and go.sum into `output`. `linkerFlags` go to the
 * Go linker.
 */
export async function goBuild(module: string, output: string, linkerFlags = ""): Promise<void> {
  const go = findOnPath("go");
  if (go === undefined) {
    throw new Unavailable(
      `${module} is missing and so is Go to build it: put ${module} or Go >= 1.26 on PATH`,
    );
  }
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
