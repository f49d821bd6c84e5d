import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A private key in a file, for ssh to read. */
export interface IdentityFile {
  /** Path of the file; written when first asked for, readable by this user only. */
  path(): string | undefined;
  remove(): void;
}

/** `identity`: the key's text, or nothing when there is none. */
export function createIdentityFile(identity: string | undefined): IdentityFile {
  let directory: string | undefined;
  return {
    path: () => {
      if (identity === undefined) return undefined;
      if (directory === undefined) {
        // The user's runtime directory is in memory and ends with the session.
        directory = mkdtempSync(join(process.env.XDG_RUNTIME_DIR || tmpdir(), "homelab-deploy-"));
        writeFileSync(join(directory, "identity"), `${identity.trimEnd()}\n`, { mode: 0o600 });
      }
      return join(directory, "identity");
    },
    remove: () => {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
      directory = undefined;
    },
  };
}
