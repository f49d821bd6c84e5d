// npm run check-nixpkgs -- [PATH or flake reference of a nixpkgs]
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { checkModules } from "./check-modules.ts";

const checkout = resolve(import.meta.dirname, "../..");
const [given, ...more] = process.argv.slice(2);

try {
  if (more.length > 0)
    throw new Error("usage: npm run check-nixpkgs -- [PATH or flake reference of a nixpkgs]");
  for await (const { file, evaluated, error } of checkModules({ nixpkgs: reference(given), checkout })) {
    console.log(
      `${error === undefined ? "ok    " : "FAILED"} ${file.padEnd(32)} ${evaluated.join(", ")}`.trimEnd(),
    );
    if (error === undefined) continue;
    console.error(error);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function reference(given: string | undefined): string {
  if (given === undefined) return `path:${checkout}/packages/testbed/nixpkgs`;
  return existsSync(given) ? resolve(given) : given;
}
