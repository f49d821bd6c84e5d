import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A secret key in a file, for a program to read. */
export interface KeyFile {
  /** Path of the file; written when first asked for, readable by this user only. */
  path(): string | undefined;
  remove(): void;
}

/** `name`: of the file; `key`: the text, or nothing when there is none. */
export function createKeyFile(name: string, key: string | undefined): KeyFile {
  let directory: string | undefined;
  return {
    path: () => {
      if (key === undefined) return undefined;
      if (directory === undefined) {
        // The user's runtime directory is in memory and ends with the session.
        directory = mkdtempSync(join(process.env.XDG_RUNTIME_DIR || tmpdir(), "homelab-key-"));
        writeFileSync(join(directory, name), `${key.trimEnd()}\n`, { mode: 0o600 });
      }
      return join(directory, name);
    },
    remove: () => {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
      directory = undefined;
    },
  };
}
