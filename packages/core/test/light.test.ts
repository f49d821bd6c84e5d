import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

it("programs that use the library and reach no host over NATS do not load its client", () => {
  const index = join(import.meta.dirname, "../src/index.ts");
  const script = `
    import { Module } from "node:module";
    const { openHost } = await import(${JSON.stringify(index)});
    openHost("web01", { nats: { url: "nats://127.0.0.1:1", tier: "test" } });
    console.log(Object.keys(Module._cache).filter((file) => file.includes("/node_modules/nats/")).length);`;
  const argv = ["--conditions=@homelab-deploy/source", "--input-type=module", "--eval", script];
  expect(execFileSync(process.execPath, argv, { encoding: "utf8" })).toBe("0\n");
});
