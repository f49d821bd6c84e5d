import { existsSync } from "node:fs";
import { join } from "node:path";
import { createUserKey, readIdentity } from "@homelab-deploy/core/nats";
import { writeKey } from "../../keys/key-file.ts";
import type { FindKey } from "./users.ts";

/** The key in `directory`/<kind>s/<name>.nkey; where there is none it is made, and told to `onMade`. Seeds stay in the files. */
export function keyFilesIn(directory: string, onMade: (file: string) => void): FindKey {
  return async (kind, name) => {
    const file = join(directory, `${kind}s`, `${name}.nkey`);
    if (existsSync(file)) return (await readIdentity({ nkeyFile: file }))?.publicKey;
    const { publicKey, seed } = createUserKey();
    await writeKey(file, seed, false);
    onMade(file);
    return publicKey;
  };
}
