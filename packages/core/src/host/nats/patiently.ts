import { setTimeout as delay } from "node:timers/promises";
import { type NatsConnection, NatsError } from "nats";

const patience = 60_000;

/** Tries again while the server, or its JetStream, is away: for a minute, and not where there is no JetStream. */
export async function patiently<T>(connection: NatsConnection, attempt: () => Promise<T>): Promise<T> {
  for (const start = Date.now(); ; await delay(1000)) {
    try {
      return await attempt();
    } catch (error) {
      const isOver = connection.isClosed() || Date.now() > start + patience;
      if (isOver || !isLoss(error) || (isUnserved(error) && !connection.info?.jetstream)) throw error;
    }
  }
}

/** Whether the server, or its streams, may be back soon. */
export function isLoss(error: unknown): boolean {
  return error instanceof NatsError && ["TIMEOUT", "503", "DISCONNECT"].includes(error.code);
}

function isUnserved(error: unknown): boolean {
  return error instanceof NatsError && error.code === "503";
}
