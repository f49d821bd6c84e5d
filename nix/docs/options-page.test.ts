import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { optionsFile, optionsPage } from "./options-page.ts";

it("docs/options.md says what the modules declare", async () => {
  expect(await readFile(optionsFile, "utf8"), "npm run docs writes it anew").toBe(await optionsPage());
});
