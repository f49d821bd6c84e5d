import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hostStory } from "./aftermath.ts";
import type { Site } from "./site.ts";
import type { Evidence } from "./trial.ts";

/** Writes all that there is to read of a broken promise to a directory, which it returns. */
export async function writeEvidence(
  directory: string,
  site: Site,
  evidence: Evidence,
  broken: readonly string[],
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const all: Evidence = {
    broken: broken.join("\n"),
    ...evidence,
    controller: await site.controller.story(),
    console: await site.console(),
    host: await hostStory(site).catch((error) => String(error)),
    look: await site.look().then(
      (look) => JSON.stringify(look, null, 2),
      (error) => String(error),
    ),
  };
  for (const [name, text] of Object.entries(all)) await writeFile(join(directory, `${name}.txt`), text);
  await site.copyState(join(directory, "state"));
  return directory;
}
