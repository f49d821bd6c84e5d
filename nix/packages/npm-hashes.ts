// Writes npm-hashes.json: the hash of each npm package that goes into the packages here, as the registry tells it. To be run
// when package-lock.json has changed: node nix/packages/npm-hashes.ts
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("npm-hashes.json", import.meta.url));
const known: Record<string, string> = JSON.parse(readFileSync(file, "utf8"));
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();

const specs: string[] = JSON.parse(
  run(
    "nix-instantiate",
    "--eval",
    "--strict",
    "--json",
    fileURLToPath(new URL("npm-specs.nix", import.meta.url)),
  ),
);
const hashes = specs.map((spec) => [spec, known[spec] ?? run("npm", "view", spec, "dist.integrity")]);
writeFileSync(file, `${JSON.stringify(Object.fromEntries(hashes), null, 2)}\n`);
