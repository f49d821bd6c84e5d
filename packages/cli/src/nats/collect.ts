import { randomUUID } from "node:crypto";
import { type ConnectedNats, notPermitted, signMessage } from "@homelab-deploy/core/nats";

export interface Collecting {
  readonly signal: AbortSignal;
  /** Takes one answer; returns whether that was the last one. */
  readonly onAnswer: (body: string) => boolean;
  /** Milliseconds to wait for the next answer, or for the first; asked after each one. 0: no longer. */
  readonly patience: () => number;
}

/** A subject of this user's own for the answers to one request. */
export function ownReplySubject({ identity }: ConnectedNats): string {
  return ["deploy.responses", identity?.publicKey, randomUUID()]
    .filter((word) => word !== undefined)
    .join(".");
}

/**
 * Publishes what `body` makes of the reply subject, and hands the answers on, until there are no more to wait for. Returns
 * `false` when nobody listens on `subject`. Throws `refused` when the server does not permit to publish or to listen.
 */
export async function collect(
  nats: ConnectedNats,
  subject: string,
  body: (replyTo: string) => string,
  { signal, onAnswer, patience }: Collecting,
): Promise<boolean> {
  const replyTo = ownReplySubject(nats);
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => resolve(true), patience());
  };
  const subscription = nats.connection.subscribe(replyTo, {
    callback: (error, message) => {
      if (error !== null) return reject(notPermitted("subscription", replyTo, error));
      // What the server itself says when there is nobody.
      if (message.headers?.code === 503) return resolve(false);
      if (onAnswer(message.string())) resolve(true);
      else wait();
    },
  });
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  promise.catch(() => {});
  try {
    signal.throwIfAborted();
    const text = body(replyTo);
    // Which hosts a subject means, they alone know.
    const headers = signMessage(nats, subject, "*", text);
    await nats.publish(subject, text, { reply: replyTo, ...(headers && { headers }) });
    wait();
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    if (!nats.connection.isClosed()) subscription.unsubscribe();
  }
}
