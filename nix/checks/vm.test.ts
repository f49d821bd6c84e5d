import { resolve } from "node:path";
import { execa } from "execa";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { run } from "../../packages/testbed/src/process.ts";

const checkout = resolve(import.meta.dirname, "../..");
const TestSchema = z.object({ derivation: z.string().endsWith(".drv"), testScript: z.string() });
let tests: Record<string, z.infer<typeof TestSchema>>;

// The flake's packages are looked at elsewhere: any package stands for them here.
const expression = `let
  nixpkgs = builtins.getFlake "path:${checkout}/packages/testbed/nixpkgs";
  pkgs = nixpkgs.legacyPackages.x86_64-linux;
  self = {
    nixosModules.default = ${checkout}/nix/modules;
    packages.x86_64-linux = { homelab-deploy = pkgs.coreutils; homelab-activate = pkgs.coreutils; };
  };
in builtins.mapAttrs (_: test: { derivation = test.drvPath; inherit (test) testScript; })
  (import ${checkout}/nix/checks { inherit pkgs self; inherit (nixpkgs) lib; })`;

beforeAll(async () => {
  const json = await run(["nix", "eval", "--impure", "--json", "--expr", expression]);
  tests = z.record(z.string(), TestSchema).parse(JSON.parse(json));
});

it("the hosts of every VM test evaluate, with their specialisations", () => {
  expect(Object.keys(tests)).toEqual(["vm-activation", "vm-deploy-user", "vm-listener", "vm-rollback"]);
});

const python = await execa("python3", ["--version"], { reject: false });
it.skipIf(python.exitCode !== 0)("the script of every VM test is Python", async () => {
  for (const [name, { testScript }] of Object.entries(tests)) {
    const parse = ["-c", "import ast, sys; ast.parse(sys.stdin.read(), sys.argv[1])", name];
    const { exitCode, stderr } = await execa("python3", parse, { input: testScript, reject: false });
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  }
});
