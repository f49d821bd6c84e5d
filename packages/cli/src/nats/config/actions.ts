import { readFile } from "node:fs/promises";
import { DeployError, evaluateFleet, fleetSourceSchema, type NatsConnection } from "@homelab-deploy/core";
import { withNats } from "../with-nats.ts";
import { type Description, parseDescription } from "./description.ts";
import { withHostsOf } from "./inventory.ts";
import { keyFilesIn } from "./key-files.ts";
import { renderConfig } from "./render.ts";
import { makeStores } from "./stores.ts";
import { type User, usersOf } from "./users.ts";

/** The description in `file`, with the hosts of `flake` if there is one. */
export async function describe(
  file: string,
  flake: string | undefined,
  signal: AbortSignal,
): Promise<Description> {
  const description = parseDescription(await readText(file), file);
  if (flake === undefined) return description;
  const source = fleetSourceSchema.safeParse({ flake });
  if (!source.success) throw new DeployError("invalid-input", `--flake: ${source.error.issues[0]?.message}`);
  return withHostsOf(await evaluateFleet(source.data, {}, { signal }), description);
}

/** The server's configuration, and its users with their public keys; makes keys in `directory` if one is given. */
export async function writeConfig(
  description: Description,
  directory: string | undefined,
  onMade: (file: string) => void,
): Promise<{ readonly config: string; readonly users: readonly User[] }> {
  const findKey = directory === undefined ? async () => undefined : keyFilesIn(directory, onMade);
  const users = await usersOf(description, findKey);
  return { config: renderConfig(description, users), users };
}

/** Makes the stores that each tier lacks; returns what was made. */
export async function applyStores(
  description: Description,
  connection: NatsConnection,
  signal: AbortSignal,
): Promise<Record<string, string[]>> {
  return withNats(connection, "homelab-deploy nats-config", signal, async (nats) => {
    const made: Record<string, string[]> = {};
    for (const tier of tiersOf(description)) made[tier] = await makeStores(nats, tier);
    return made;
  });
}

function tiersOf({ hosts, deployers, assistants }: Description): string[] {
  const tiers = [...Object.values(hosts), ...Object.values(deployers)].map(({ tier }) => tier);
  return [...new Set([...tiers, ...(Object.keys(assistants).length > 0 ? ["test"] : [])])].sort();
}

async function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "there is no such file" : error.message;
    throw new DeployError("invalid-input", `${file}: ${reason}`, { cause: error });
  });
}
