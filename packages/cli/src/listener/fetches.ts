import type { StorePath } from "@homelab-deploy/core";
import type { FetchProgress, HostStore, ObjectStore } from "@homelab-deploy/core/nats";
import { serveClosures } from "./closure-server.ts";
import { type Begin, Turns } from "./turns.ts";

const progressInterval = 500;

type TellProgress = (progress: FetchProgress) => void;

/** What comes into the host's store, and what is built there, in turns. */
export class Fetches {
  readonly #store: HostStore;
  readonly #closures: ObjectStore;
  readonly #fetches: Turns<FetchProgress>;
  readonly #builds: Turns<string>;

  constructor(store: HostStore, closures: ObjectStore, signal: AbortSignal) {
    this.#store = store;
    this.#closures = closures;
    this.#fetches = new Turns(signal);
    this.#builds = new Turns(signal);
  }

  substitute(paths: readonly StorePath[], tell: TellProgress): Promise<{ done: boolean }> {
    const begin: Begin<FetchProgress> = (given) => this.#store.substitute(paths, toOptions(given));
    return this.#fetches.goOn(`substitute ${paths.join(" ")}`, begin, tell);
  }

  fetch(toplevel: StorePath, closures: boolean, tell: TellProgress): Promise<{ done: boolean }> {
    const begin: Begin<FetchProgress> = async (given) => {
      const options = toOptions(given);
      if (!closures) return this.#store.fetch(toplevel, undefined, options);
      await using server = await serveClosures(this.#closures);
      await this.#store.fetch(toplevel, server.url, options);
    };
    return this.#fetches.goOn(`fetch ${toplevel} ${closures}`, begin, tell);
  }

  build(derivation: StorePath, tell: (line: string) => void): Promise<{ done: boolean }> {
    const begin: Begin<string> = async ({ signal, tell: onOutput }) => {
      await using server = await serveClosures(this.#closures);
      await this.#store.build(derivation, { from: server.url, signal, onOutput });
    };
    return this.#builds.goOn(derivation, begin, tell);
  }
}

function toOptions({ signal, tell }: Parameters<Begin<FetchProgress>>[0]) {
  let told = 0;
  const onProgress: TellProgress = (progress) => {
    if (Date.now() < told + progressInterval) return;
    told = Date.now();
    tell(progress);
  };
  return { signal, onProgress };
}
