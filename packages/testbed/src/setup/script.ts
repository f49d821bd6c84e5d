import { writeFile } from "node:fs/promises";

/** Writes an executable POSIX sh script. */
export async function writeScript(file: string, body: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}
