import { DeployError } from "../../errors.ts";
import type { NatsHostConnection } from "../../model/connection.ts";
import type { Addressee } from "../../wire/v1/subjects.ts";
import type { Verb, VerbAnswer, VerbRequest } from "../../wire/v1/verbs.ts";
import { type AskOptions, ask } from "./ask.ts";
import { Closures } from "./closures.ts";
import { type ConnectedNats, connectNats } from "./connect.ts";

/** The way to one host's listener. */
export interface Link {
  readonly closures: Closures;
  readonly to: Addressee;
  readonly nats: ConnectedNats;
  ask<V extends Verb>(verb: V, request: VerbRequest<V>, options: AskOptions<V>): Promise<VerbAnswer<V>>;
  close(): Promise<void>;
}

interface Shared {
  readonly nats: Promise<ConnectedNats>;
  readonly closures: Promise<Closures>;
  users: number;
}

const connections = new Map<string, Shared>();

/** Opens the way to the host `name`; hosts that are reached by the same user of the same server share one connection. */
export async function openLink(name: string, connection: NatsHostConnection): Promise<Link> {
  const { url, tier, host = name, whenOff: _ofOneHost, ...user } = connection;
  if (url === undefined || tier === undefined) {
    throw new DeployError("invalid-input", `${name}: connection.nats lacks its ${url ? "tier" : "url"}`);
  }
  const key = JSON.stringify({ url, ...user });
  const shared = connections.get(key) ?? connect(key, { url, ...user });
  shared.users++;
  const close = async () => {
    shared.users--;
    if (shared.users > 0) return;
    connections.delete(key);
    await (await shared.nats).close();
  };
  try {
    const [nats, closures] = await Promise.all([shared.nats, shared.closures]);
    const to = { tier, host };
    return {
      closures,
      to,
      nats,
      ask: (verb, request, options) => ask(nats, to, verb, request, options),
      close,
    };
  } catch (error) {
    connections.delete(key);
    throw error;
  }
}

function connect(key: string, user: Parameters<typeof share>[0]): Shared {
  const nats = share(user);
  const closures = nats.then((connected) => new Closures(connected));
  const shared = { nats, closures, users: 0 };
  connections.set(key, shared);
  return shared;
}

// One host that is given up does not end the connection of the others.
function share(user: Omit<Parameters<typeof connectNats>[0], "name" | "signal">): Promise<ConnectedNats> {
  return connectNats({ ...user, name: "homelab-deploy", signal: new AbortController().signal });
}
