import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { FleetHost, HostArgs } from "../src/index.ts";

const index = new URL("../src/index.ts", import.meta.url).href;

function evaluate(script: string): string {
  const program = `const sdk = await import(${JSON.stringify(index)});\n${script}`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
  }).trim();
}

describe("the SDK", () => {
  it("offers its functions and classes", () =>
    expect(evaluate("console.log(Object.keys(sdk).sort().join())")).toBe(
      "Host,Provider,evaluate,evaluateOutput,getFleet,getFleetOutput",
    ));

  // The whole of @pulumi/pulumi costs a program about 400 ms more than the parts that are needed.
  it("loads neither all of @pulumi/pulumi nor what the plugin is made of", () => {
    const loaded = evaluate(`
      const { createRequire } = await import("node:module");
      console.log(Object.keys(createRequire(import.meta.url).cache).join("\\n"));`).split("\n");
    expect(loaded.length).toBeGreaterThan(50);
    expect(loaded.filter((file) => /arborist|typescript|zod|@pulumi\/pulumi\/index\.js/.test(file))).toEqual(
      [],
    );
  });

  it("takes a host of getFleet as the arguments of a Host", () =>
    expectTypeOf<FleetHost>().toExtend<HostArgs>());
});
