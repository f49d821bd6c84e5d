import { type KeptEvent, type PublishedEvent, parseEventSubject } from "@homelab-deploy/core/nats";

/** One deployment, as its events tell it. What they do not tell is not there. */
export interface DeploymentSummary {
  readonly id: string;
  readonly host: string;
  readonly tier: string;
  /** When the server heard of it first. */
  readonly begun: string;
  readonly by?: string | undefined;
  readonly goal?: string | undefined;
  /** Toplevels: what ran before, and what was deployed. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly revision?: string | undefined;
  /** The last phase that was told. */
  readonly phase?: string | undefined;
  /** Absent while the deployment is under way, and when its end was never told. */
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  /** From its beginning, or else from the first event, to the end; by the host's clock. */
  readonly seconds?: number | undefined;
}

interface Entry {
  readonly firstSequence: number;
  readonly firstTime: number | undefined;
  summary: DeploymentSummary;
}

// Those that go on while newer ones begin are met again after they have made room.
const spare = 100;

/**
 * Deployments from their events, at most about twice as many as `count`: those that were told of last. Of what is told twice
 * the first counts, so that a host that was taken over cannot change what it has told.
 */
export class Summaries {
  readonly #most: number;
  readonly #entries = new Map<string, Entry>();

  constructor(count: number) {
    this.#most = 2 * count + spare;
  }

  add({ subject, sequence, time }: KeptEvent, told: PublishedEvent | undefined): void {
    const addressee = parseEventSubject(subject);
    if (addressee === undefined || told === undefined) return;
    const entry = this.#entries.get(subject) ?? begin(addressee, sequence, time, told);
    this.#entries.set(subject, entry);
    entry.summary = { ...entry.summary, ...news(entry, told) };
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#most && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** The subject of each, and the number in the stream of the event that was its first here; the newest first. */
  get newest(): {
    readonly subject: string;
    readonly firstSequence: number;
    readonly summary: DeploymentSummary;
  }[] {
    return [...this.#entries].map(([subject, entry]) => ({ subject, ...entry })).reverse();
  }
}

// Whose it is says the subject, which the server looks after, and when it was says the server.
function begin(
  addressee: { readonly tier: string; readonly host: string; readonly id: string },
  firstSequence: number,
  time: string,
  told: PublishedEvent,
): Entry {
  const begun = new Date(time).toISOString();
  const firstTime = told.number === 0 ? Date.parse(told.time) : undefined;
  return { firstSequence, firstTime, summary: { ...addressee, begun } };
}

function news({ summary, firstTime }: Entry, { event, time, deployment }: PublishedEvent) {
  const whose = summary.by === undefined && deployment !== undefined ? whoseOf(deployment) : {};
  if (summary.outcome !== undefined) return {};
  if (event.type === "phase") return { ...whose, phase: event.phase };
  if (event.type !== "end") return whose;
  const { outcome, reason } = event;
  // A listener that was killed tells the first events later than they were.
  const since = deployment === undefined ? firstTime : deployment.since * 1000;
  const took = since === undefined ? {} : { seconds: Math.max(0, Date.parse(time) - since) / 1000 };
  return { ...whose, outcome, ...(reason !== "" && { reason }), ...took };
}

function whoseOf({ by, goal, from, to, revision }: NonNullable<PublishedEvent["deployment"]>) {
  return { by, goal, from, to, ...(revision !== "" && { revision }) };
}
