interface Work<T> {
  readonly result: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
}

/** A part in work that others may wait for as well. */
export interface Share<T> {
  readonly result: Promise<T>;
  /** No longer waits; work that nobody waits for is given up. */
  leave(): void;
}

/** Work that is done once however many want it, by key. What has failed, or was given up, is begun anew. */
export class SharedWork<T> {
  readonly #works = new Map<string, Work<T>>();

  join(key: string, begin: (signal: AbortSignal) => Promise<T>): Share<T> {
    const work = this.#works.get(key) ?? this.#begin(key, begin);
    work.waiting++;
    return {
      result: work.result,
      leave: () => {
        work.waiting--;
        if (work.waiting === 0) work.abort.abort();
      },
    };
  }

  #begin(key: string, begin: (signal: AbortSignal) => Promise<T>): Work<T> {
    const abort = new AbortController();
    const work: Work<T> = { result: begin(abort.signal), abort, waiting: 0 };
    this.#works.set(key, work);
    const forget = () => this.#works.get(key) === work && this.#works.delete(key);
    work.result.catch(forget);
    abort.signal.addEventListener("abort", forget, { once: true });
    return work;
  }
}
