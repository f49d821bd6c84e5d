import type { NatsConnection } from "@homelab-deploy/core";
import { type ConnectedNats, connectNats } from "@homelab-deploy/core/nats";

/** Connects to NATS for the time of `use`. */
export async function withNats<T>(
  connection: NatsConnection,
  name: string,
  signal: AbortSignal,
  use: (nats: ConnectedNats) => Promise<T>,
): Promise<T> {
  const nats = await connectNats({ ...connection, name, signal });
  try {
    return await use(nats);
  } finally {
    await nats.close();
  }
}
