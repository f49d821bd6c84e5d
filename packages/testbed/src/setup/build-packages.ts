import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../lock.mjs";
import { run } from "../process.ts";
import { checkout, toolchain } from "./places.ts";
import type { Outcome } from "./step.ts";

interface Target {
  /** What the target makes: a directory of its own. */
  readonly output: string;
  /** Files and directories it is made from. */
  readonly sources: readonly string[];
  /** Fills `output`, which may be missing. */
  readonly make: () => Promise<void>;
}

const shared = ["package-lock.json", "tsconfig.base.json"];
const core = ["packages/core/src", "packages/core/tsconfig.json", "packages/core/package.json"];
const provider = ["src", "tsconfig.json", "package.json", "build.ts", "launcher.cjs"].map(
  (name) => `packages/pulumi-provider/${name}`,
);

const cli = ["src", "tsconfig.json", "package.json"].map((name) => `packages/cli/${name}`);

const targets: readonly Target[] = [
  { output: "packages/core/dist", sources: [...shared, ...core], make: () => compile("packages/core") },
  {
    output: "packages/cli/dist",
    sources: [...shared, ...core, ...cli],
    make: () => compile("packages/cli"),
  },
  {
    output: "packages/pulumi-provider/dist",
    sources: [...shared, ...core, ...provider],
    make: () => compile("packages/pulumi-provider"),
  },
  {
    output: "packages/pulumi-provider/bin",
    sources: [...shared, ...core, ...provider],
    make: async () =>
      void (await run([process.execPath, "packages/pulumi-provider/build.ts"], { cwd: checkout })),
  },
];

/** Compiles and bundles what this repository publishes, each part only when the contents of its sources changed. */
export function buildPackages(): Promise<Outcome> {
  return withLock(join(toolchain, "build.lock"), async () => {
    const made: string[] = [];
    for (const target of targets) {
      if (await refresh(target)) made.push(target.output);
    }
    return { what: "packages", origin: made.length > 0 ? "built" : "up to date" };
  });
}

async function refresh({ output, sources, make }: Target): Promise<boolean> {
  const stamp = join(checkout, output, ".sources");
  const wanted = await hashOf(sources);
  if (existsSync(stamp) && (await readFile(stamp, "utf8")) === wanted) return false;
  await make();
  await writeFile(stamp, wanted);
  return true;
}

// Into a new directory first: a file whose source is gone must not stay, and a program that runs finds old or new.
async function compile(name: string): Promise<void> {
  const output = join(checkout, name, "dist");
  const fresh = `${output}.new`;
  await rm(fresh, { recursive: true, force: true });
  await run([join(checkout, "node_modules/.bin/tsc"), "-p", name, "--outDir", fresh], { cwd: checkout });
  await rm(output, { recursive: true, force: true });
  await rename(fresh, output);
}

async function hashOf(sources: readonly string[]): Promise<string> {
  const files = await Promise.all(sources.map(filesIn));
  const hash = createHash("sha256");
  for (const file of files.flat().sort()) {
    hash
      .update(`${file}\0`)
      .update(await readFile(join(checkout, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

async function filesIn(source: string): Promise<string[]> {
  const path = join(checkout, source);
  if (!existsSync(path)) return [];
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.includes(".test."))
      .map((entry) => join(entry.parentPath, entry.name).slice(checkout.length + 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return [source];
    throw error;
  }
}
