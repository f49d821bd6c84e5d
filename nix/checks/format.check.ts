import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const checkout = resolve(import.meta.dirname, "../..");
const runs = (...argv: string[]) =>
  spawnSync(argv[0] ?? "", argv.slice(1), { cwd: checkout, encoding: "utf8" });

it.skipIf(runs("nixfmt", "--version").status !== 0)("every Nix file is as nixfmt writes it", () => {
  const files = runs("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.nix").stdout.split(
    "\n",
  );
  const { status, stderr, stdout } = runs("nixfmt", "--check", ...files.filter(Boolean));
  expect(`${stdout}${stderr}`.trim()).toBe("");
  expect(status).toBe(0);
});
