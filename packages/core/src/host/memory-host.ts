import { DeployError } from "../errors.ts";
import type { ActivationRequest } from "../model/activation-request.ts";
import type { Comparison } from "../model/comparison.ts";
import { activates, persists } from "../model/goal.ts";
import type { GuardEvent, Outcome } from "../model/guard-event.ts";
import type { HostStatus, PastDeployment } from "../model/host-status.ts";
import type { StorePath } from "../model/store-path.ts";
import type { CopyOptions, Host } from "./host.ts";

type Options = { readonly signal: AbortSignal };

interface Deployment {
  readonly request: ActivationRequest;
  readonly from: StorePath;
  /** Seconds since 1970. */
  readonly since: number;
  readonly events: GuardEvent[];
  readonly wake: Set<() => void>;
}

/** A host in memory that keeps the guard's promises, for tests of what is above it. Copied paths are in `store`. */
export class MemoryHost implements Host {
  readonly name: string;
  readonly store = new Set<StorePath>();
  /** Names of the methods that were called, in order. */
  readonly calls: string[] = [];
  running: StorePath;
  profile: StorePath;
  generation = 1;
  /** Whether another kernel runs than that of a new toplevel. */
  rebootNeeded = false;
  /** Why an activation of a toplevel fails; undefined: it succeeds. */
  failure: (to: StorePath) => string | undefined = () => undefined;
  /** Throws to simulate a fault of the connection at a call of the method. */
  fault: (method: string) => void = () => {};

  #deployment: Deployment | undefined;

  constructor(name: string, running: StorePath) {
    this.name = name;
    this.running = running;
    this.profile = running;
  }

  async inspect(_options: Options): Promise<HostStatus> {
    this.#called("inspect");
    return {
      guard: 1,
      features: [],
      restricted: false,
      hostname: this.name,
      running: this.running,
      booted: this.running,
      bootDefault: this.profile,
      profile: this.profile,
      generation: this.generation,
      generations: [{ number: this.generation, toplevel: this.profile, created: 0 }],
      rebootRequired: false,
      bootId: "memory",
      clock: "Sat 12:00",
      failedUnits: [],
      freeBytes: 2 ** 40,
      deployments: [],
    };
  }

  async copy(toplevel: StorePath, { onProgress }: CopyOptions): Promise<void> {
    this.#called("copy");
    onProgress({ bytes: 1, totalBytes: 1, paths: 1, totalPaths: 1 });
    this.store.add(toplevel);
  }

  async realise(derivation: StorePath, _options: Options): Promise<void> {
    this.#called("realise");
    this.store.add(derivation.replace(/\.drv$/, "") as StorePath);
  }

  async compare(_toplevel: StorePath, _options: Options): Promise<Comparison> {
    this.#called("compare");
    return { rebootNeeded: this.rebootNeeded, because: this.rebootNeeded ? ["kernel"] : [] };
  }

  /** Of the latest deployment alone. */
  async history(count: number, _options: Options): Promise<PastDeployment[]> {
    this.#called("history");
    return this.#deployment === undefined ? [] : [recordOf(this.#deployment)].slice(0, count);
  }

  async prepare(_options: Options): Promise<void> {
    this.#called("prepare");
  }

  async begin(request: ActivationRequest, _options: Options): Promise<void> {
    this.#called("begin");
    if (this.#deployment?.request.id === request.id) return;
    if (this.#isUnderWay()) throw new DeployError("locked", `${this.name} is being deployed`);
    if (!this.store.has(request.to))
      throw new DeployError("refused", `not a NixOS system of this host: ${request.to}`);
    const since = Math.floor(Date.now() / 1000);
    this.#deployment = { request, from: this.running, since, events: [], wake: new Set() };
    const failure = this.failure(request.to);
    if (!activates(request.goal)) this.#end(request.goal === "boot" ? "committed" : "dry-activated", "");
    else if (failure !== undefined) this.#end("rolled-back", failure);
    else this.#tell({ type: "phase", phase: "activating" }, { type: "phase", phase: "waiting" });
  }

  async follow(
    id: string,
    offset: number,
    { signal, onEvent }: Options & { onEvent: (event: GuardEvent) => void },
  ): Promise<void> {
    const deployment = this.#known(id);
    for (let next = offset; ; next++) {
      while (next >= deployment.events.length) {
        signal.throwIfAborted();
        await new Promise<void>((resolve, reject) => {
          deployment.wake.add(resolve);
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      }
      this.#called("follow");
      const event = deployment.events[next];
      if (event === undefined) continue;
      onEvent(event);
      if (event.type === "end") return;
    }
  }

  async confirm(id: string, token: string, _options: Options): Promise<void> {
    this.#called("confirm");
    const { request } = this.#known(id);
    if (token !== request.token)
      throw new DeployError("refused", "this token does not confirm this deployment");
    this.#end(request.goal === "test" ? "activated" : "committed", "");
  }

  async abort(id: string, _options: Options): Promise<string> {
    this.#called("abort");
    if (this.#known(id).events.some(({ type }) => type === "end")) return "";
    this.#end("rolled-back", "the controller called the deployment off");
    return "aborted";
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #called(method: string): void {
    this.calls.push(method);
    this.fault(method);
  }

  #isUnderWay(): boolean {
    return this.#deployment?.events.every(({ type }) => type !== "end") ?? false;
  }

  #known(id: string) {
    if (this.#deployment?.request.id !== id) throw new DeployError("invalid-input", `no deployment ${id}`);
    return this.#deployment;
  }

  #tell(...events: GuardEvent[]): void {
    this.#deployment?.events.push(...events);
    for (const wake of this.#deployment?.wake ?? []) wake();
    this.#deployment?.wake.clear();
  }

  #end(outcome: Outcome, reason: string): void {
    const request = this.#deployment?.request;
    if (request === undefined || this.#deployment?.events.some(({ type }) => type === "end")) return;
    if (outcome === "committed" || outcome === "activated") {
      if (activates(request.goal)) this.running = request.to;
      if (persists(request.goal) && this.profile !== request.to) {
        this.profile = request.to;
        this.generation++;
      }
    }
    this.#tell({ type: "end", outcome, reason });
  }
}

function recordOf({ request, from, since, events }: Deployment): PastDeployment {
  const { id, by, goal, to, revision = "" } = request;
  const end = events.find((event) => event.type === "end");
  return {
    ...{ id, by, goal, from, to, revision, since },
    ...(end && { outcome: end.outcome, reason: end.reason }),
    events: events.map((event) => ({ ...event, time: since, uptime: 0 })),
  };
}
