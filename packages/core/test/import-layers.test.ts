import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

// Design: imports go down only. Folders of the same row do not know each other.
const rows: Record<string, number> = {
  model: 0,
  process: 1,
  wire: 1,
  nix: 2,
  activation: 3,
  host: 4,
  deployment: 5,
};
const entries = ["index.ts", "nats.ts"];
const packages = join(import.meta.dirname, "../..");
const core = join(packages, "core/src");

function sources(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
    .map((file) => join(directory, file));
}

function imports(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
    (match) => match[1] ?? "",
  );
}

function row(file: string): number {
  const path = relative(core, file);
  const folder = path.includes("/") ? (path.split("/")[0] ?? "") : "";
  if (path === "errors.ts") return 0;
  return entries.includes(path) ? 9 : (rows[folder] ?? Number.NaN);
}

describe("imports of core", () => {
  it.each(sources(core).map((file) => [relative(core, file), file]))("%s points downward", (_name, file) => {
    for (const target of imports(file).filter((name) => name.startsWith("."))) {
      const resolved = resolve(dirname(file), target);
      const [from, to] = [file, resolved].map((path) => relative(core, path).split("/")[0]);
      const sameFolder = from === to;
      expect(row(resolved), `${target} is of no row`).not.toBeNaN();
      if (!sameFolder) expect(row(resolved), `imports ${target}`).toBeLessThanOrEqual(row(file));
      if (!sameFolder && row(resolved) === row(file)) expect(row(file), `imports ${target}`).toBe(0);
    }
  });
});

const onlyIn = (pattern: RegExp, allowed: RegExp) =>
  ["core/src", "pulumi-provider/src", "cli/src"]
    .flatMap((folder) => {
      try {
        return sources(join(packages, folder));
      } catch {
        return [];
      }
    })
    .filter((file) => !file.endsWith(".test.ts"))
    .filter(
      (file) => imports(file).some((name) => pattern.test(name)) && !allowed.test(relative(packages, file)),
    )
    .map((file) => relative(packages, file));

describe("what only one place may import", () => {
  it("only process/run.ts spawns", () =>
    expect(onlyIn(/^(node:child_process|execa)$/, /^core\/src\/process\/run\.ts$/)).toEqual([]));
  it("core knows neither Pulumi nor gRPC", () =>
    expect(onlyIn(/^(@pulumi\/|@grpc\/)/, /^pulumi-provider\/src\//)).toEqual([]));
  it("only the provider's rpc/ knows gRPC and the stubs", () =>
    expect(onlyIn(/@grpc\/|@pulumi\/pulumi\/proto|google-protobuf/, /^pulumi-provider\/src\/rpc\//)).toEqual(
      [],
    ));
  it("only the command's mcp/ knows MCP", () =>
    expect(onlyIn(/^@modelcontextprotocol\//, /^cli\/src\/mcp\//)).toEqual([]));
  it("only the NATS carrier and the listener know NATS", () =>
    expect(onlyIn(/^(nats|@nats-io\/)/, /^core\/src\/host\/nats\/|^cli\/src\/(listener|nats|mcp)\//)).toEqual(
      [],
    ));
});
