// npm run docs: writes docs/cli.md.
import { writeFile } from "node:fs/promises";
import { commandsFile, commandsPage } from "./commands-page.ts";

await writeFile(commandsFile, commandsPage());
