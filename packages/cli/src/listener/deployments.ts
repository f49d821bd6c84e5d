import { randomUUID } from "node:crypto";
import {
  createBuilder,
  DeployError,
  type DeploymentEvent,
  deployTo,
  type Host,
  leftToItself,
  renderEvent,
  seeThrough,
  toDeployError,
} from "@homelab-deploy/core";
import type { DeployRequest, Wanted } from "@homelab-deploy/core/nats";
import type { Activity } from "./activity.ts";
import { type Answer, completed, failed } from "./answers.ts";
import type { DeploymentRecord, Records } from "./records.ts";
import type { Systems, WantedSystem } from "./systems.ts";

export interface DeploymentsOptions {
  readonly host: Host;
  readonly systems: Systems;
  readonly records: Records;
  /** Milliseconds that a deployment may take, from the request to its end. */
  readonly timeout: number;
  /** Proves that the host can be reached, with the system that was just activated. */
  readonly prove: (signal: AbortSignal) => Promise<void>;
  /** Told of every activation that the host has begun. */
  readonly onBegun: (id: string) => void;
  /** Told of all deployments. */
  readonly activity: Activity;
  readonly log: (line: string) => void;
}

/** Tells whoever asked for a deployment; `replyTo` is where they listen. Settles when it has been told, or cannot be. */
export type Tell = (replyTo: string | undefined, answer: Answer) => Promise<void>;

interface Current {
  readonly what: string;
  /** Whether the host has been asked for the activation, and goes on by itself. */
  begun: boolean;
  readonly controller: AbortController;
}

type System = Omit<Parameters<typeof deployTo>[1], "goal" | "rollback" | "connection"> &
  Pick<WantedSystem, "rollback">;

const builder = createBuilder();

/** The deployments of this host that are asked of its listener: one at a time. */
export class Deployments {
  readonly #options: DeploymentsOptions;
  readonly #tell: Tell;
  /** The one that others have to wait for. */
  #current: Current | undefined;
  /** Those of which not all has been told. */
  readonly #unfinished = new Map<Current, Promise<void>>();

  constructor(options: DeploymentsOptions, tell: Tell) {
    this.#options = options;
    this.#tell = tell;
  }

  /** Carries out `request`, and tells how it goes; settles when all has been told. */
  async deploy(request: DeployRequest, replyTo: string | undefined): Promise<void> {
    const running = this.#current;
    if (running !== undefined) {
      const message = `${running.what} is under way`;
      return this.#tell(replyTo, { status: "rejected", error: "already_running", message });
    }
    const record = { id: randomUUID(), replyTo, request };
    await this.#alone(record, (current) => this.#fromRevision(record, current));
  }

  /** Brings the host to what was wanted of it while it was off, once its closure is there. */
  async bring(wanted: Wanted): Promise<void> {
    const { id, goal, revision = wanted.toplevel } = wanted;
    const record = { id, replyTo: undefined, request: { action: goal, revision } };
    await this.#alone(record, (current) => this.#activate(record, current, async () => fromWanted(wanted)));
  }

  get areUnderWay(): boolean {
    return this.#current !== undefined;
  }

  /** Goes on with what a listener before this one had begun; settles when all has been told. */
  async resume(left: readonly DeploymentRecord[]): Promise<void> {
    await Promise.all(
      left.map((record) => this.#alone(record, (current) => this.#fromRecord(record, current))),
    );
  }

  /** Ends what has not reached the host yet, and leaves to the host what has; settles when all has been told. */
  async stop(): Promise<void> {
    const stopped = new DeployError("cancelled", "the listener was stopped; nothing was changed");
    for (const { begun, controller } of this.#unfinished.keys())
      controller.abort(begun ? leftToItself : stopped);
    await Promise.all(this.#unfinished.values());
  }

  async #alone(
    record: DeploymentRecord,
    work: (current: Current) => Promise<Answer | undefined>,
  ): Promise<void> {
    const { action, revision } = record.request;
    const begun = record.activation !== undefined;
    const current = { what: `${action} to ${revision}`, begun, controller: new AbortController() };
    this.#current = current;
    const end = this.#options.activity.during(this.#toItsEnd(record, current, work));
    this.#unfinished.set(current, end);
    await end;
    this.#unfinished.delete(current);
  }

  async #toItsEnd(
    { id, replyTo }: DeploymentRecord,
    current: Current,
    work: (current: Current) => Promise<Answer | undefined>,
  ): Promise<void> {
    const { log, records } = this.#options;
    const { signal } = current.controller;
    try {
      const answer = await work(current).catch((error: unknown) => {
        if (signal.reason !== leftToItself)
          return failed(signal.aborted ? interrupted(error, signal.reason) : error);
        log(`${current.what}: the host goes on by itself; the next listener tells its end`);
        return undefined;
      });
      // Whoever hears of the end may ask for the next.
      if (this.#current === current) this.#current = undefined;
      if (answer === undefined) return;
      log(`${current.what}: ${answer.status}: ${answer.message}`);
      await this.#tell(replyTo, answer);
      await records.remove(id);
    } catch (error) {
      log(`${current.what}: ${toDeployError(error, "bad-answer").message}`);
    }
  }

  async #fromRevision(record: DeploymentRecord, current: Current): Promise<Answer> {
    const { host, systems } = this.#options;
    const { lock } = await host.inspect({ signal: current.controller.signal });
    if (lock !== undefined) {
      const message = `${lock.goal} to ${lock.to} by ${lock.by} is under way`;
      return { status: "rejected", error: "already_running", message };
    }
    return this.#activate(record, current, async (signal) => {
      const { what } = current;
      await this.#progress(record, { status: "accepted", message: `${what} is accepted` });
      await this.#progress(record, { status: "started", message: `${what} is started` });
      return systems(record.request.revision, signal);
    });
  }

  async #activate(
    record: DeploymentRecord,
    current: Current,
    find: (signal: AbortSignal) => Promise<System>,
  ): Promise<Answer> {
    const { host, records, timeout, onBegun } = this.#options;
    const { action: goal } = record.request;
    const { controller, what } = current;
    const late = new DeployError("timeout", `${what} took longer than ${timeout / 1000} s`);
    const timer = setTimeout(() => controller.abort(late), timeout);
    try {
      await records.write(record);
      const { rollback = {}, ...system } = await find(controller.signal);
      const options = {
        builder,
        ...this.#watching(current),
        onActivation: async (activation: NonNullable<DeploymentRecord["activation"]>) => {
          await records.write({ ...record, activation });
          current.begun = true;
        },
        onBegun,
      };
      const { outcome, status } = await deployTo(
        host,
        { ...system, goal, rollback, connection: { local: {} } },
        options,
      );
      return completed(goal, status, outcome === "unchanged");
    } finally {
      clearTimeout(timer);
    }
  }

  async #fromRecord({ activation }: DeploymentRecord, current: Current): Promise<Answer> {
    if (activation === undefined) {
      throw new DeployError(
        "build-failed",
        "the listener ended before the system was built; nothing was changed",
      );
    }
    const { host, log } = this.#options;
    log(`${current.what}: going on with deployment ${activation.id}`);
    const watching = this.#watching(current);
    await host.prepare({ signal: watching.signal });
    await seeThrough(host, activation, watching);
    return completed(activation.goal, await host.inspect({ signal: watching.signal }));
  }

  #watching({ what, controller }: Current) {
    const { prove, log } = this.#options;
    return {
      signal: controller.signal,
      onEvent: (event: DeploymentEvent) => {
        if (event.type !== "build-progress" && event.type !== "copy-progress")
          log(`${what}: ${renderEvent(event)}`);
      },
      verify: async (signal: AbortSignal) => {
        await prove(signal);
        return undefined;
      },
    };
  }

  async #progress({ replyTo }: DeploymentRecord, answer: Answer): Promise<void> {
    this.#options.log(answer.message);
    await this.#tell(replyTo, answer);
  }
}

function fromWanted({ checks: healthChecks, ...wanted }: Wanted): System {
  const { id, by, toplevel, revision, rollback, reboot, rebootAt, rebootTimeout } = wanted;
  return { id, by, toplevel, revision, rollback, healthChecks, reboot, rebootAt, rebootTimeout };
}

// Why it was interrupted, and what became of the host where that is known.
function interrupted(error: unknown, { code, message }: DeployError): DeployError {
  const told = error instanceof DeployError && error.message.includes(message) ? error.message : message;
  return new DeployError(code, told, { cause: error });
}
