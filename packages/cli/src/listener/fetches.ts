import { setTimeout as delay } from "node:timers/promises";
import type { StorePath } from "@homelab-deploy/core";
import type { FetchProgress, HostStore, ObjectStore } from "@homelab-deploy/core/nats";
import { serveClosures } from "./closure-server.ts";

// How long one answer may take, and how soon the next has to be asked for.
const turn = 20_000;
const abandoned = 60_000;
const progressInterval = 500;

interface Fetch {
  readonly end: Promise<{ readonly error?: unknown }>;
  readonly abort: AbortController;
  progress: FetchProgress;
  asking: number;
  lastAsked: number;
}

/** Closures that are on their way into the host's store. One goes on for a while when nobody asks, as after a lost link. */
export class Fetches {
  readonly #store: HostStore;
  readonly #closures: ObjectStore;
  readonly #signal: AbortSignal;
  readonly #fetches = new Map<string, Fetch>();

  constructor(store: HostStore, closures: ObjectStore, signal: AbortSignal) {
    this.#store = store;
    this.#closures = closures;
    this.#signal = signal;
  }

  /** Goes on with the fetch, or begins it; returns after a while whether it is done. */
  async goOn(
    toplevel: StorePath,
    closures: boolean,
    tell: (progress: FetchProgress) => void,
  ): Promise<{ done: boolean }> {
    const key = `${toplevel} ${closures}`;
    const fetch = this.#fetches.get(key) ?? this.#begin(key, toplevel, closures);
    fetch.asking++;
    const timer = setInterval(() => tell(fetch.progress), progressInterval);
    try {
      const ended = await Promise.race([
        fetch.end,
        delay(turn, undefined, { signal: this.#signal, ref: false }),
      ]);
      if (ended?.error !== undefined) throw ended.error;
      return { done: ended !== undefined };
    } finally {
      clearInterval(timer);
      fetch.asking--;
      fetch.lastAsked = Date.now();
    }
  }

  #begin(key: string, toplevel: StorePath, closures: boolean): Fetch {
    const abort = new AbortController();
    const either = AbortSignal.any([this.#signal, abort.signal]);
    const onProgress = (progress: FetchProgress) => {
      fetch.progress = progress;
    };
    const end = this.#run(toplevel, closures, { signal: either, onProgress }).then(
      () => ({}),
      (error: unknown) => ({ error }),
    );
    const fetch: Fetch = { end, abort, progress: { bytes: 0, paths: 0 }, asking: 0, lastAsked: Date.now() };
    this.#fetches.set(key, fetch);
    const watch = setInterval(() => {
      if (fetch.asking === 0 && Date.now() > fetch.lastAsked + abandoned) abort.abort();
    }, 1000);
    void end.then(() => {
      clearInterval(watch);
      this.#fetches.delete(key);
    });
    return fetch;
  }

  async #run(
    toplevel: StorePath,
    closures: boolean,
    options: Parameters<HostStore["fetch"]>[2],
  ): Promise<void> {
    if (!closures) return this.#store.fetch(toplevel, undefined, options);
    await using server = await serveClosures(this.#closures);
    await this.#store.fetch(toplevel, server.url, options);
  }
}
