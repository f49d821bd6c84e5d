import { setTimeout as delay } from "node:timers/promises";
import { explain, type GuardEvent, type Host } from "@homelab-deploy/core";
import {
  type Addressee,
  type ConnectedNats,
  eventSubject,
  type PublishedEvent,
} from "@homelab-deploy/core/nats";
import { headers } from "nats";
import type { Activity } from "./activity.ts";
import { Outbox } from "./outbox.ts";

const second = 1000;
// How long the host's journal is waited for, before a deployment is told without it.
const journalPatience = 5 * second;
// One that is under way is the newest, unless somebody has just been refused.
const newest = 5;

type Deployment = NonNullable<PublishedEvent["deployment"]>;

interface Options extends Addressee {
  readonly nats: ConnectedNats;
  readonly connect: (signal: AbortSignal) => Promise<ConnectedNats>;
  readonly machine: Host;
  readonly activity: Activity;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Every deployment that is under way on the host, whoever follows it: tells its events, and makes the way for its confirmation. */
export class Watches {
  readonly #options: Options;
  readonly #onWaiting: (fresh: ConnectedNats) => void;
  readonly #watched = new Set<string>();
  readonly #outbox: Outbox;

  /** `onWaiting`: told of a new connection when a deployment waits for its confirmation. */
  constructor(options: Options, onWaiting: (fresh: ConnectedNats) => void) {
    this.#options = options;
    this.#onWaiting = onWaiting;
    this.#outbox = new Outbox(options.nats.connection, options.signal);
  }

  /** Looks for a deployment that was begun before this program. */
  async resume(): Promise<void> {
    const { machine, signal, log } = this.#options;
    try {
      const { lock } = await machine.inspect({ signal });
      if (lock !== undefined) this.add(lock.id);
    } catch (error) {
      if (!signal.aborted) log(`the host's deployments cannot be looked at: ${explain(error)}`);
    }
  }

  /** Watches a deployment until its end; one that is confirmed by others needs no way for it. */
  add(id: string, needsWay = true): void {
    if (this.#watched.has(id)) return;
    this.#watched.add(id);
    const watch = this.#options.activity.during(this.#watch(id, needsWay));
    void watch.finally(() => this.#watched.delete(id));
  }

  async #watch(id: string, needsWay: boolean): Promise<void> {
    const { machine, signal, log } = this.#options;
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    let way: Promise<void> | undefined;
    let deployment: Deployment | undefined;
    let offset = 0;
    const onEvent = (event: GuardEvent) => {
      if (event.type === "alive") return;
      const told = offset === 0 || event.type === "end" ? deployment : undefined;
      this.#publish(id, offset, event, told);
      offset++;
      const waits = event.type === "phase" && event.phase === "waiting";
      if (waits && needsWay) way ??= this.#makeWay(id, either);
      if (event.type === "end") {
        log(`deployment ${id}: ${event.outcome}${event.reason && `: ${event.reason}`}`);
        ended.abort();
      }
    };
    log(`deployment ${id} is under way`);
    while (!either.aborted) {
      deployment ??= await this.#recordOf(id, either);
      await machine.follow(id, offset, { signal: either, onEvent }).catch((error: unknown) => {
        if (!either.aborted) log(`deployment ${id}: ${explain(error)}`);
      });
      await delay(second, undefined, { signal: either }).catch(() => {});
    }
    await way;
    await this.#outbox.sent();
  }

  // The host says it, whoever has begun the deployment and however.
  async #recordOf(id: string, ended: AbortSignal): Promise<Deployment | undefined> {
    const { machine, log } = this.#options;
    const signal = AbortSignal.any([ended, AbortSignal.timeout(journalPatience)]);
    try {
      const record = (await machine.history(newest, { signal })).find((one) => one.id === id);
      if (record === undefined) return undefined;
      const { by, goal, from, to, revision, since } = record;
      return { by, goal, from, to, revision, since };
    } catch (error) {
      if (!ended.aborted) log(`deployment ${id}: the host does not say whose it is: ${explain(error)}`);
      return undefined;
    }
  }

  // The connection proves that the new system has a network.
  async #makeWay(id: string, ended: AbortSignal): Promise<void> {
    const { connect, log } = this.#options;
    try {
      const fresh = await connect(ended);
      this.#onWaiting(fresh);
      await new Promise((resolve) => {
        ended.addEventListener("abort", resolve, { once: true });
        if (ended.aborted) resolve(undefined);
      });
      await fresh.close();
    } catch (error) {
      if (!ended.aborted) log(`deployment ${id}: no connection to be confirmed over: ${explain(error)}`);
    }
  }

  // A listener that begins anew tells all again: the stream knows the numbers.
  #publish(id: string, number: number, event: GuardEvent, deployment: Deployment | undefined): void {
    const { tier, host } = this.#options;
    const numbered = headers();
    numbered.set("Nats-Msg-Id", `${id}-${number}`);
    const time = new Date().toISOString();
    const body = { hostname: host, tier, id, number, time, event, ...(deployment && { deployment }) };
    this.#outbox.publish(eventSubject({ tier, host }, id), JSON.stringify(body), { headers: numbered });
  }
}
