import { setTimeout as delay } from "node:timers/promises";
import type { NatsConnection } from "nats";

const pause = 1000;

type Message = Parameters<NatsConnection["publish"]>;

/** What is published in its order, and again until the server is known to have it: what a lost link swallows is not told to anybody. */
export class Outbox {
  readonly #connection: NatsConnection;
  readonly #signal: AbortSignal;
  readonly #messages: Message[] = [];
  #sending: Promise<void> = Promise.resolve();
  #isSending = false;

  constructor(connection: NatsConnection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  publish(...message: Message): void {
    this.#messages.push(message);
    if (!this.#isSending) this.#sending = this.#send();
  }

  /** Settles when the server has everything, or the listener stops. */
  async sent(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    while (this.#messages.length > 0 && !this.#signal.aborted && !this.#connection.isClosed()) {
      const batch = [...this.#messages];
      try {
        for (const message of batch) this.#connection.publish(...message);
        await this.#flushed();
        this.#messages.splice(0, batch.length);
      } catch {
        await delay(pause, undefined, { signal: this.#signal }).catch(() => {});
      }
    }
    this.#isSending = false;
  }

  // Throws when the link is lost before the server has answered.
  async #flushed(): Promise<void> {
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const stop = () => reject(this.#signal.reason);
    this.#signal.addEventListener("abort", stop, { once: true });
    try {
      await Promise.race([this.#connection.flush(), stopped]);
    } finally {
      this.#signal.removeEventListener("abort", stop);
    }
  }
}
