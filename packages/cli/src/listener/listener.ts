import { setTimeout as sleep } from "node:timers/promises";
import { type Host, isLostLink, type NatsConnection } from "@homelab-deploy/core";
import {
  type ConnectedNats,
  connectNats,
  type HostStore,
  isFinal,
  localStore,
} from "@homelab-deploy/core/nats";
import { Activity } from "./activity.ts";
import type { Answer } from "./answers.ts";
import { catchUp } from "./catch-up.ts";
import { Deployments } from "./deployments.ts";
import type { ListenerOptions } from "./options.ts";
import { proveReachable } from "./reach.ts";
import { noRecords, type Records } from "./records.ts";
import { requireSignature, requireSignedRecord } from "./require-signature.ts";
import { serveHost } from "./serve-host.ts";
import { serveV0 } from "./serve-v0.ts";
import type { Systems } from "./systems.ts";

export interface ListenerSurroundings {
  readonly connection: NatsConnection;
  /** The machine that is deployed to. */
  readonly host: Host;
  /** Where the machine's closures come to. Default: this machine's store. */
  readonly store?: HostStore | undefined;
  readonly systems: Systems;
  /** Where deployments are kept that outlive the listener. Default: nowhere. */
  readonly records?: Records | undefined;
  readonly log: (line: string) => void;
  /** Stops the listener. */
  readonly signal: AbortSignal;
}

export interface Listener {
  readonly nats: ConnectedNats;
  /** Requests that are being answered, and deployments that have not ended. */
  readonly activity: Activity;
  /** Settles when the listener has stopped: what is under way has been told, or is left to the host. */
  readonly ended: Promise<void>;
}

// How long it is tried to tell somebody the end of a deployment, while the server or they themselves are away.
const patience = 5 * 60_000;
const stopPatience = 5_000;

/**
 * Connects, for as long as it takes, and begins to listen. Returns when it does; throws `cancelled` when it is stopped
 * before.
 */
export async function startListener(
  options: ListenerOptions,
  surroundings: ListenerSurroundings,
): Promise<Listener> {
  const { connection, host, systems, records = noRecords, log, signal } = surroundings;
  const { store = localStore } = surroundings;
  const trusted = options.trustedKeys;
  const check = trusted === undefined ? () => {} : requireSignature(options.hostname, trusted);
  const name = `homelab-deploy listener ${options.hostname}`;
  const nats = await connectNats({ ...connection, name, signal, forever: true, onStatus: log });
  const tell = (replyTo: string | undefined, answer: Answer) =>
    answerTo(nats, options.hostname, replyTo, answer, surroundings);
  const prove = (ended: AbortSignal) => proveReachable(connection, `${name} (confirmation)`, ended);
  const { timeout } = options;
  const { hostname, tier, role } = options;
  const activity = new Activity();
  const named = { nats, machine: host, tier, host: hostname, log, signal };
  const connect = (ended: AbortSignal) =>
    connectNats({ ...connection, name: `${name} (confirmation)`, signal: ended, forever: true });
  const served = hostname.includes(".")
    ? log(`${hostname} has dots, and is not reached over version 1`)
    : await serveHost({ ...named, connect, store, role, check, activity });
  const onBegun = (id: string) => served?.watches.add(id, false);
  const deployments = new Deployments(
    { host, systems, records, timeout, prove, onBegun, activity, log },
    tell,
  );
  const resumed = deployments.resume(await records.read());
  serveV0({ options, nats, host, deployments, check, tell, log });
  const checkRecord = trusted === undefined ? () => {} : requireSignedRecord(hostname, trusted);
  const caughtUp = served && catchUp({ ...named, ...served, deployments, check: checkRecord });
  await nats.connection.flush().catch(() => {});
  log(
    `listening as ${options.hostname} on ${[...options.deploySubjects, options.discoverSubject].join(", ")}`,
  );
  const stop = async () => {
    await deployments.stop();
    await resumed;
    await caughtUp;
    await nats.close();
    log("stopped");
  };
  return { nats, activity, ended: aborted(signal).then(stop) };
}

// Both ends may have lost the server for a while, and whoever asked may come back later than this listener does.
async function answerTo(
  nats: ConnectedNats,
  hostname: string,
  replyTo: string | undefined,
  { status, error = null, message }: Answer,
  { log, signal }: Pick<ListenerSurroundings, "log" | "signal">,
): Promise<void> {
  if (replyTo === undefined) return;
  const body = JSON.stringify({ hostname, status, error, message });
  const start = Date.now();
  for (;;) {
    const failure = await nats.deliver(replyTo, body).then(
      (heard) => (heard ? undefined : "nobody listens there"),
      (reason: Error) => {
        if (!isLostLink(reason)) throw reason;
        return reason.message;
      },
    );
    if (failure === undefined) return;
    const over = Date.now() > start + (signal.aborted ? stopPatience : patience);
    if (!isFinal(status) || over || nats.connection.isClosed())
      return log(`${replyTo}: ${status}: ${failure}`);
    await sleep(1000);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
