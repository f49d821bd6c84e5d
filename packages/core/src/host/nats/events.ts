import { createInbox, type Msg, NatsError } from "nats";
import { DeployError, toDeployError } from "../../errors.ts";
import { type EventSelection, eventStream, eventSubjectsOf } from "../../wire/v1/subjects.ts";
import type { ConnectedNats } from "./connect.ts";
import { fromNats } from "./errors.ts";

const batch = { batch: 1000, max_bytes: 4 * 1024 * 1024 };
const timeout = 10_000;

/** One message of the stream of events, as it was published. */
export interface KeptEvent {
  readonly subject: string;
  /** Its number in the stream. */
  readonly sequence: number;
  /** When the server took it. */
  readonly time: string;
  readonly text: string;
}

/** Where to begin: at a number of the stream, or at a time. */
export type Beginning = { readonly sequence: number } | { readonly time: Date };

/** The stream in which a NATS server keeps what deployments told. */
export class EventStream {
  /** Numbers of its first and its last message. */
  readonly first: number;
  readonly last: number;
  readonly #nats: ConnectedNats;
  readonly #apiPrefix: string;

  private constructor(nats: ConnectedNats, apiPrefix: string, first: number, last: number) {
    this.#nats = nats;
    this.#apiPrefix = apiPrefix;
    this.first = first;
    this.last = last;
  }

  /**
   * Finds the stream in the JetStream whose interface is below `apiPrefix`. Throws `refused` where there is none, and for a
   * user who may not read it.
   */
  static async open(nats: ConnectedNats, apiPrefix: string): Promise<EventStream> {
    try {
      const manager = await nats.connection.jetstreamManager({ apiPrefix, checkAPI: false });
      const { state } = await manager.streams.info(eventStream);
      return new EventStream(nats, apiPrefix, state.first_seq, state.last_seq);
    } catch (error) {
      if (error instanceof NatsError && error.code === "404") throw notKept("it has no stream", error);
      if (error instanceof NatsError && error.code === "503") throw notKept("it has no JetStream", error);
      throw fromNats(eventStream, error);
    }
  }

  /** What was told from `beginning` on, up to the last message that was there when the stream was opened, in its order. */
  async *read(of: EventSelection, beginning: Beginning, signal: AbortSignal): AsyncGenerator<KeptEvent> {
    const subjects = { next_by_subj: eventSubjectsOf(of) };
    let from: object =
      "time" in beginning ? { start_time: beginning.time.toISOString() } : { seq: beginning.sequence };
    for (let next = 0; next <= this.last; from = { seq: next }) {
      const before = next;
      for await (const event of this.#get({ ...from, ...subjects, ...batch }, signal)) {
        if (event.sequence > this.last) return;
        next = event.sequence + 1;
        yield event;
      }
      if (next === before) return;
    }
  }

  /** Number of the first message that is kept on `subject`. */
  async firstOn(subject: string, signal: AbortSignal): Promise<number | undefined> {
    for await (const { sequence } of this.#get({ seq: 1, next_by_subj: subject, batch: 1 }, signal))
      return sequence;
    return undefined;
  }

  // A direct get, which leaves nothing behind on the server. Who reads slowly is waited for with one batch.
  async *#get(query: object, signal: AbortSignal): AsyncGenerator<KeptEvent> {
    signal.throwIfAborted();
    const request = `${this.#apiPrefix}.DIRECT.GET.${eventStream}`;
    const inbox = createInbox(this.#nats.inboxPrefix);
    const answers = this.#nats.connection.subscribe(inbox);
    let over: unknown = new DeployError("timeout", `${eventStream}: no answer`);
    const end = (reason: unknown) => {
      over = reason;
      answers.unsubscribe();
    };
    const timer = setTimeout(() => answers.unsubscribe(), timeout);
    const abort = () => end(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      this.#nats.publish(request, JSON.stringify(query), { reply: inbox }).catch(end);
      for await (const message of answers) {
        timer.refresh();
        const code = message.headers?.code ?? 0;
        if (code === 204 || code === 404) return;
        if (code !== 0) throw notRead(message);
        yield toEvent(message);
      }
      throw over;
    } catch (error) {
      throw toDeployError(fromNats(eventStream, error), "unreachable");
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      answers.unsubscribe();
    }
  }
}

function toEvent(message: Msg): KeptEvent {
  const { headers } = message;
  if (!headers?.has("Nats-Num-Pending")) {
    throw new DeployError("refused", "the NATS server does not hand out several messages at a time", {
      hint: "nats-server 2.11 and newer ones do.",
    });
  }
  return {
    subject: headers.get("Nats-Subject"),
    sequence: Number(headers.get("Nats-Sequence")),
    time: headers.get("Nats-Time-Stamp"),
    text: message.string(),
  };
}

function notKept(reason: string, cause: unknown): DeployError {
  return new DeployError("refused", `the NATS server keeps no events of deployments: ${reason}`, {
    cause,
    hint: "An admin makes the stream homelab-events: homelab-deploy nats-config apply. Each host has a history of its own: homelab-deploy history <host>.",
  });
}

function notRead({ headers }: Msg): DeployError {
  const reason = headers?.code === 503 ? "it does not allow direct gets" : headers?.description;
  return new DeployError("refused", `the stream ${eventStream} cannot be read: ${reason}`);
}
