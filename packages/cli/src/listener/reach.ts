import type { NatsConnection } from "@homelab-deploy/core";
import { connectNats } from "@homelab-deploy/core/nats";

/**
 * Makes a new connection to the server, as often as it takes: proof that a host can be reached with the system that was
 * just activated. Rejects when `signal` ends it.
 */
export async function proveReachable(
  connection: NatsConnection,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const nats = await connectNats({ ...connection, name, signal, forever: true });
  await nats.close();
}
