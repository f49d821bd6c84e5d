import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { version } from "./version.ts";

it("the version is that of package.json", () => {
  const file = new URL("../package.json", import.meta.url);
  expect(version).toBe(JSON.parse(readFileSync(file, "utf8")).version);
});
