import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const sources = fileURLToPath(new URL("../src/", import.meta.url));
const files = globSync("**/*.ts", { cwd: sources }).filter((file) => !file.endsWith(".test.ts"));

/** What `file` imports, as written. */
function importsOf(file: string): string[] {
  return [...readFileSync(sources + file, "utf8").matchAll(/from "([^"]+)"/g)].map((match) => match[1] ?? "");
}

/** "file imports module" for every import that `isForbidden` finds in the files that `isConcerned` chooses. */
function offences(
  isConcerned: (file: string) => boolean,
  isForbidden: (module: string) => boolean,
): string[] {
  return files.filter(isConcerned).flatMap((file) =>
    importsOf(file)
      .filter(isForbidden)
      .map((module) => `${file} imports ${module}`),
  );
}

describe("imports", () => {
  it("of gRPC and of the generated messages are in rpc/ alone", () =>
    expect(
      offences(
        (file) => !file.startsWith("rpc/"),
        (module) => /grpc|protobuf|\/proto\//.test(module),
      ),
    ).toEqual([]));

  it("of rpc/ know plain values and the service, not what it does", () =>
    expect(
      offences(
        (file) => file.startsWith("rpc/"),
        (module) => module.startsWith("../") && !/^\.\.\/(service|values|tokens)\.ts$/.test(module),
      ),
    ).toEqual([]));

  it("of the SDK are light: parts of @pulumi/pulumi, and nothing of the plugin", () =>
    expect(
      offences(
        (file) => file.startsWith("sdk/") || file === "index.ts",
        (module) => !/^(\.\/.*|\.\.\/(tokens|version)\.ts|@pulumi\/pulumi\/[a-z/]+\.js)$/.test(module),
      ),
    ).toEqual([]));
});
