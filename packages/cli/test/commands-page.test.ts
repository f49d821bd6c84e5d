import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { commandsFile, commandsPage, configExample } from "../docs/commands-page.ts";
import { parseConfig } from "../src/config/parse.ts";
import { configSchema } from "../src/config/schema.ts";

it("docs/cli.md says what the command says itself", async () => {
  expect(await readFile(commandsFile, "utf8"), "npm run docs writes it anew").toBe(commandsPage());
});

it("the example of a configuration file has every key, but for other sources", () => {
  const others = ["file", "impure"];
  const keys = Object.keys(configSchema.shape).filter((key) => !others.includes(key));
  expect(Object.keys(parseConfig(configExample, "example")).sort()).toEqual(keys.sort());
});
