import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Activation } from "@homelab-deploy/core";
import type { DeployRequest } from "@homelab-deploy/core/nats";

/** A deployment that somebody waits for; the next listener reads it when this one ends before the deployment does. */
export interface DeploymentRecord {
  readonly id: string;
  readonly replyTo: string | undefined;
  readonly request: DeployRequest;
  /** What the host was asked for; absent while nothing of it is on the host. Holds the token that confirms it. */
  readonly activation?: Activation;
}

/** Where a listener keeps the deployments that are under way. */
export interface Records {
  read(): Promise<DeploymentRecord[]>;
  write(record: DeploymentRecord): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Records as files of `directory`, for their user only, each written whole or not at all. */
export function recordsIn(directory: string): Records {
  const file = (id: string) => join(directory, `${id}.json`);
  return {
    async read() {
      const names = await readdir(directory).catch(() => []);
      const texts = names
        .filter((name) => name.endsWith(".json"))
        .map((name) => readFile(join(directory, name), "utf8"));
      return (await Promise.all(texts)).map((text): DeploymentRecord => JSON.parse(text));
    },
    async write(record) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFile(`${file(record.id)}.new`, JSON.stringify(record), { mode: 0o600, flush: true });
      await rename(`${file(record.id)}.new`, file(record.id));
    },
    remove: (id) => rm(file(id), { force: true }),
  };
}

/** Records that end with the program. */
export const noRecords: Records = { read: async () => [], write: async () => {}, remove: async () => {} };
