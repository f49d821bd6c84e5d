import { setTimeout as delay } from "node:timers/promises";
import type { Host } from "@homelab-deploy/core";
import {
  type Addressee,
  type ConnectedNats,
  closureBucket,
  type HostStore,
  ObjectStore,
  serviceName,
  type Verb,
  verbSubject,
} from "@homelab-deploy/core/nats";
import { Events, type Msg, nuid } from "nats";
import { version } from "../version.ts";
import type { Activity } from "./activity.ts";
import { type Asked, answer, type Handler } from "./answer.ts";
import { Fetches } from "./fetches.ts";
import { Watches } from "./watches.ts";

// A deployment is told in parts, so that nobody goes on telling it to a controller that is gone.
const part = { milliseconds: 20_000, events: 500 };
// A connection that is lost again may never say that it has stopped.
const stopPatience = 5_000;

export interface ServeOptions extends Addressee {
  readonly nats: ConnectedNats;
  /** Makes one more connection, as often as it takes. */
  readonly connect: (signal: AbortSignal) => Promise<ConnectedNats>;
  readonly machine: Host;
  readonly store: HostStore;
  readonly role?: string | undefined;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Throws `refused` for a request that may not be carried out. */
  readonly check: (message: Msg) => void;
  /** Told of all requests and deployments. */
  readonly activity: Activity;
}

/**
 * Answers the requests of version 1 for a host, as a NATS service, until `signal` is aborted. Confirmations are heard over
 * nothing but a connection that is made when the host waits for one. Returns what others have part in.
 */
export async function serveHost(options: ServeOptions): Promise<Served> {
  const { nats, machine, role, tier, host, activity, signal } = options;
  const onWaiting = (fresh: ConnectedNats) => {
    const confirm: Handler<"confirm"> = async (request, asked) => {
      await machine.confirm(request.id, request.token, asked);
      return {};
    };
    const callback = (_error: unknown, message: Msg) =>
      activity.during(answer("confirm", confirm, message, options));
    fresh.connection.subscribe(verbSubject(options, "confirm"), { callback });
  };
  const watches = new Watches(options, onWaiting);
  const metadata = { tier, hostname: host, ...(role !== undefined && { role }) };
  const fetches = new Fetches(options.store, new ObjectStore(nats, closureBucket), signal);
  const served = handlers(options, watches, fetches);
  const handle = <V extends keyof Handlers>(verb: V, message: Msg) =>
    activity.during(answer(verb, served[verb], message, options));
  // One member of a queue group gets a request, and a server takes a lost connection for a member for minutes. So
  // each connection has a group of its own.
  const serve = async () => {
    const queue = nuid.next();
    const service = await nats.connection.services.add({ name: serviceName, version, metadata, queue });
    for (const verb of Object.keys(served) as (keyof Handlers)[])
      service.addEndpoint(verb, {
        subject: verbSubject(options, verb),
        handler: (_error, message) => handle(verb, message),
      });
    return service;
  };
  let service = await serve();
  signal.addEventListener("abort", () => void service.stop(), { once: true });
  const serveAgain = async () => {
    for await (const { type } of nats.connection.status()) {
      if (type !== Events.Reconnect || signal.aborted) continue;
      await Promise.race([service.stop(), delay(stopPatience, undefined, { ref: false })]);
      service = await serve();
    }
  };
  void serveAgain().catch(({ message }: Error) =>
    options.log(`version 1 is not served any more: ${message}`),
  );
  await watches.resume();
  return { watches, fetches };
}

export interface Served {
  readonly watches: Watches;
  readonly fetches: Fetches;
}

type Handlers = { readonly [V in Exclude<Verb, "confirm">]: Handler<V> };

function handlers({ machine, store }: ServeOptions, watches: Watches, fetches: Fetches): Handlers {
  return {
    inspect: (_request, asked) => machine.inspect(asked),
    missing: async ({ paths }, asked) => ({ missing: await store.missing(paths, asked) }),
    substitute: ({ paths }, { tell }) =>
      fetches.substitute(paths, (progress) => tell({ type: "progress", ...progress })),
    fetch: ({ toplevel, closures }, { tell }) =>
      fetches.fetch(toplevel, closures, (progress) => tell({ type: "progress", ...progress })),
    build: ({ derivation }, { tell }) => fetches.build(derivation, (line) => tell({ type: "output", line })),
    compare: ({ toplevel }, asked) => machine.compare(toplevel, asked),
    history: async ({ count }, asked) => ({ deployments: await machine.history(count, asked) }),
    begin: async (request, asked) => {
      await machine.begin(request, asked);
      watches.add(request.id);
      return {};
    },
    follow: ({ id, offset }, asked) => followPart(machine, id, offset, asked),
    abort: async ({ id, reason }, { signal }) => ({
      decision: await machine.abort(id, { signal, reason }),
    }),
  };
}

async function followPart(
  machine: Host,
  id: string,
  offset: number,
  { signal, tell }: Asked<"follow">,
): Promise<{ done: boolean }> {
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), part.milliseconds);
  let told = 0;
  try {
    await machine.follow(id, offset, {
      signal: AbortSignal.any([signal, enough.signal]),
      onEvent: (event) => {
        // What would come too late comes again with the next part.
        if (event.type === "alive" || enough.signal.aborted) return;
        tell(event);
        told++;
        if (told === part.events) enough.abort();
      },
    });
    return { done: true };
  } catch (error) {
    if (enough.signal.aborted && !signal.aborted) return { done: false };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
