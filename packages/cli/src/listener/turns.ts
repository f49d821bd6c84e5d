import { setTimeout as delay } from "node:timers/promises";

// How long one answer may take, and how soon the next has to be asked for.
const turn = 20_000;
const abandoned = 60_000;
// Of what nobody heard.
const remembered = 200;

interface Work<E> {
  readonly end: Promise<{ readonly error?: unknown }>;
  readonly askers: Set<(event: E) => void>;
  untold: E[];
  lastAsked: number;
}

export type Begin<E> = (options: {
  readonly signal: AbortSignal;
  readonly tell: (event: E) => void;
}) => Promise<void>;

/** Work that is asked for in turns. It goes on for a while when nobody asks, as after a lost link. */
export class Turns<E> {
  readonly #signal: AbortSignal;
  readonly #works = new Map<string, Work<E>>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Goes on with the work that is called `key`, or begins it; returns after a while whether it is done. */
  async goOn(key: string, begin: Begin<E>, tell: (event: E) => void): Promise<{ done: boolean }> {
    const work = this.#works.get(key) ?? this.#begin(key, begin);
    for (const event of work.untold.splice(0)) tell(event);
    work.askers.add(tell);
    try {
      const ended = await Promise.race([
        work.end,
        delay(turn, undefined, { signal: this.#signal, ref: false }),
      ]);
      if (ended?.error !== undefined) throw ended.error;
      return { done: ended !== undefined };
    } finally {
      work.askers.delete(tell);
      work.lastAsked = Date.now();
    }
  }

  #begin(key: string, begin: Begin<E>): Work<E> {
    const abort = new AbortController();
    const signal = AbortSignal.any([this.#signal, abort.signal]);
    const tell = (event: E) => {
      for (const asker of work.askers) asker(event);
      if (work.askers.size > 0) return;
      work.untold.push(event);
      if (work.untold.length > remembered) work.untold.shift();
    };
    const end = Promise.resolve()
      .then(() => begin({ signal, tell }))
      .then(
        () => ({}),
        (error: unknown) => ({ error }),
      );
    const work: Work<E> = { end, askers: new Set(), untold: [], lastAsked: Date.now() };
    this.#works.set(key, work);
    const watch = setInterval(() => {
      if (work.askers.size === 0 && Date.now() > work.lastAsked + abandoned) abort.abort();
    }, 1000);
    void end.then(() => {
      clearInterval(watch);
      this.#works.delete(key);
    });
    return work;
  }
}
