// npm run docs: writes docs/options.md.
import { writeFile } from "node:fs/promises";
import { optionsFile, optionsPage } from "./options-page.ts";

await writeFile(optionsFile, await optionsPage());
