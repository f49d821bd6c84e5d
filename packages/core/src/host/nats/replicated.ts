import { type NatsConnection, NatsError } from "nats";

// Of a cluster that loses one of its servers.
const replicas = 3;
// No such number of servers, or no cluster at all.
const tooMany = [10005, 10074];

/** Makes a store that outlives one server of a cluster; on a single server, or one of two, it is kept once. */
export async function replicated<T>(
  { info }: NatsConnection,
  make: (replicas: number) => Promise<T>,
): Promise<T> {
  if (info?.cluster === undefined) return make(1);
  try {
    return await make(replicas);
  } catch (error) {
    const code = error instanceof NatsError ? error.api_error?.err_code : undefined;
    if (code === undefined || !tooMany.includes(code)) throw error;
    return make(1);
  }
}
