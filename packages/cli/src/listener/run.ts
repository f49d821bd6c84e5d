import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { localHost, type NatsConnection } from "@homelab-deploy/core";
import { readIdentity } from "@homelab-deploy/core/nats";
import { startListener } from "./listener.ts";
import { type ListenerFlags, parseListenerFlags } from "./options.ts";
import { followOwnUpdate } from "./own-update.ts";
import { recordsIn } from "./records.ts";
import { systemsOf } from "./systems.ts";

const stateDirectory = "/var/lib/homelab-deploy/listener";

/** Listens until it is stopped. Throws `invalid-input` for a flag, or a file of a flag, that is wrong. */
export async function runListener(
  connection: NatsConnection,
  flags: ListenerFlags,
  { log, signal }: { readonly log: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const options = parseListenerFlags(flags);
  await readIdentity(connection);
  await using host = localHost(options.hostname);
  const systems = systemsOf(flags.flakeUrl, options.hostname);
  const records = recordsIn(stateDirectory);
  const surroundings = { connection, host, systems, records, log, signal };
  try {
    const listener = await startListener(options, surroundings);
    releaseMemory();
    await Promise.all([listener.ended, followOwnUpdate(listener, surroundings)]);
  } catch (error) {
    // Stopped before there was a server.
    if (!signal.aborted) throw error;
  }
}

// What loading the program has left behind: a process that waits allocates nothing, and so would never collect it.
function releaseMemory(): void {
  setFlagsFromString("--expose-gc");
  const collect: NodeJS.GCFunction = runInNewContext("gc");
  setTimeout(() => void collect({ execution: "async", type: "major", flavor: "last-resort" }), 1000).unref();
}
