import { setTimeout as delay } from "node:timers/promises";
import { type NatsConnection, NatsError } from "nats";

// Of a cluster that loses one of its servers.
const replicas = 3;
// There are not so many servers, or not yet.
const tooMany = [10005, 10074];
// How long the servers of a cluster take to find one another.
const patience = 15_000;

/** Makes a store that outlives one server of a cluster; on a single server, or one of two, it is kept once. */
export async function replicated<T>(
  { info }: NatsConnection,
  make: (replicas: number) => Promise<T>,
): Promise<T> {
  if (info?.cluster === undefined) return make(1);
  for (const start = Date.now(); Date.now() < start + patience; await delay(1000)) {
    try {
      return await make(replicas);
    } catch (error) {
      const code = error instanceof NatsError ? error.api_error?.err_code : undefined;
      if (code === undefined || !tooMany.includes(code)) throw error;
    }
  }
  return make(1);
}
