import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkModules, type ModuleCheck } from "./check-modules.ts";

const checkout = resolve(import.meta.dirname, "../..");
const nixpkgs = `path:${checkout}/packages/testbed/nixpkgs`;
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "check-modules-test-"));
  await cp(join(checkout, "nix"), join(copy, "nix"), { recursive: true });
  await symlink(join(checkout, "packages"), join(copy, "packages"));
});
afterAll(() => rm(copy, { recursive: true }));

async function checked(place: string): Promise<Record<string, ModuleCheck>> {
  const found: Record<string, ModuleCheck> = {};
  for await (const check of checkModules({ nixpkgs, checkout: place })) found[check.file] = check;
  return found;
}

it("every module evaluates, alone and in use", async () => {
  const files = await checked(checkout);
  const errors = Object.values(files).flatMap(({ file, error }) =>
    error === undefined ? [] : [`${file}: ${error}`],
  );
  expect(errors).toEqual([]);
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining(["nix/fleet/ssh.nix", "nix/lib", "nix/modules/deploy.nix"]),
  );
});

it("a module that nothing uses, or that sets an option that is not there, is told by name", async () => {
  const module = (body: string) => `{ config, lib, ... }: { options.homelab.x = lib.mkOption { }; ${body} }`;
  await writeFile(join(copy, "nix/modules/unused.nix"), module(""));
  await writeFile(join(copy, "nix/modules/wrong.nix"), module("config.services.openssh.enabel = true;"));
  await writeFile(join(copy, "nix/checks/samples/modules/wrong.nix"), "{ }");
  const files = await checked(copy);
  expect(files["nix/modules/unused.nix"]?.error).toContain("nix/checks/samples/modules/unused.nix");
  expect(files["nix/modules/wrong.nix"]?.error).toMatch(
    /The option `services\.openssh\.enabel' does not exist.*nix\/modules\/wrong\.nix/s,
  );
  expect(files["nix/modules/deploy.nix"]?.error).toBeUndefined();
});
