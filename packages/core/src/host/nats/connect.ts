import { setTimeout as sleep } from "node:timers/promises";
import {
  type NatsConnection as Connection,
  type ConnectionOptions,
  connect,
  createInbox,
  Events,
} from "nats";
import { toDeployError } from "../../errors.ts";
import type { NatsConnection } from "../../model/nats-connection.ts";
import { fromNats, notPermitted } from "./errors.ts";
import { type Identity, readIdentity } from "./identity.ts";
import { tlsOf } from "./tls.ts";

const attemptTimeout = 10_000;
const drainTimeout = 5_000;
// A link that is cut shows by a ping without an answer.
const pingInterval = 10_000;

export interface ConnectOptions extends NatsConnection {
  /** Name that the server shows for the connection. */
  readonly name: string;
  /** Ends the attempt to connect. */
  readonly signal: AbortSignal;
  /** Whether to go on trying when the server cannot be reached at first, or does not know the user (yet). */
  readonly forever?: boolean | undefined;
  /** Told what happens to the connection, in words. */
  readonly onStatus?: ((text: string) => void) | undefined;
}

/** A connection to a NATS server that comes back by itself when it is lost. */
export interface ConnectedNats {
  readonly connection: Connection;
  /** Subjects below this are for answers to this user; others need not be let in. */
  readonly inboxPrefix: string;
  /** Undefined: a user without a key. */
  readonly identity: Identity | undefined;

  /** Publishes and waits until the server has it. Throws `refused` when the server does not permit it. */
  publish(
    subject: string,
    body: string | Uint8Array,
    options?: Parameters<Connection["publish"]>[2],
  ): Promise<void>;

  /** The same; tells whether anybody listens on `subject`. */
  deliver(subject: string, body: string | Uint8Array): Promise<boolean>;

  /** Lets what was received be handled and what was published go out, then closes; within seconds. */
  close(): Promise<void>;
}

/**
 * Connects to a NATS server. Throws `unreachable`, `refused`, `invalid-input` for a file that is wrong, and `cancelled`.
 */
export async function connectNats(options: ConnectOptions): Promise<ConnectedNats> {
  const identity = await readIdentity(options);
  const inboxPrefix = identity === undefined ? "_INBOX" : `_INBOX_${identity.publicKey}`;
  const settings: ConnectionOptions = {
    servers: options.url,
    name: options.name,
    inboxPrefix,
    timeout: attemptTimeout,
    pingInterval,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: options.forever === true,
    reconnectDelayHandler: reconnectDelay,
    ...(identity && { authenticator: identity.authenticator }),
    ...tlsOf(options),
  };
  const connection = await attempt(settings, options);
  const refusals = watch(connection, options.onStatus);
  const publish: ConnectedNats["publish"] = async (subject, body, publishOptions) => {
    refusals.delete(subject);
    try {
      connection.publish(subject, body, publishOptions);
      await connection.flush();
    } catch (error) {
      throw fromNats(`publishing to ${subject}`, error);
    }
    // The refusal comes before the answer to the flush, and is told one turn later.
    await new Promise(setImmediate);
    if (refusals.has(subject)) throw notPermitted("publish", subject);
  };
  return {
    connection,
    inboxPrefix,
    identity,
    publish,
    async deliver(subject, body) {
      const reply = createInbox(inboxPrefix);
      let heard = true;
      const subscription = connection.subscribe(reply, {
        // The server says so before it answers the flush.
        callback: (_error, message) => {
          if (message?.headers?.code === 503) heard = false;
        },
      });
      try {
        await publish(subject, body, { reply });
      } finally {
        if (!connection.isClosed()) subscription.unsubscribe();
      }
      return heard;
    },
    async close() {
      await Promise.race([
        connection.drain().catch(() => {}),
        sleep(drainTimeout, undefined, { ref: false }),
      ]);
      await connection.close();
    },
  };
}

// Hundreds of listeners that lost one server do not come back in the same moment.
function reconnectDelay(): number {
  return 500 + Math.random() * 2500;
}

async function attempt(settings: ConnectionOptions, options: ConnectOptions): Promise<Connection> {
  const { signal, forever = false, onStatus } = options;
  const server = [options.url].flat().join(", ");
  for (let told = ""; ; ) {
    try {
      signal.throwIfAborted();
      return await cancellable(connect(settings), signal);
    } catch (error) {
      if (signal.aborted) throw toDeployError(signal.reason, "cancelled");
      const failure = toDeployError(fromNats(server, error), "unreachable");
      if (!forever) throw failure;
      if (failure.message !== told) onStatus?.(`${failure.message}; trying again until it answers`);
      told = failure.message;
      await sleep(reconnectDelay(), undefined, { signal }).catch(() => {});
    }
  }
}

// The client cannot be told to stop, so a connection that comes too late is closed.
async function cancellable(connecting: Promise<Connection>, signal: AbortSignal): Promise<Connection> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([connecting, aborted]);
  } catch (error) {
    connecting.then((late) => late.close()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

// Subjects that this user was not permitted to publish to.
function watch(connection: Connection, onStatus: (text: string) => void = () => {}): Set<string> {
  const refused = new Set<string>();
  const follow = async () => {
    for await (const { type, data, permissionContext } of connection.status()) {
      if (type === Events.Disconnect) onStatus(`lost the connection to ${data}`);
      if (type === Events.Reconnect) onStatus(`connected to ${data} again`);
      if (permissionContext === undefined) continue;
      const { operation, subject } = permissionContext;
      if (operation === "publish") refused.add(subject);
      onStatus(notPermitted(operation, subject).message);
    }
  };
  void follow();
  return refused;
}
