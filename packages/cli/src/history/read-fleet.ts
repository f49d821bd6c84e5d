import {
  type Beginning,
  type EventSelection,
  type EventStream,
  parsePublishedEvent,
} from "@homelab-deploy/core/nats";
import pLimit from "p-limit";
import { type DeploymentSummary, Summaries } from "./summaries.ts";

export interface FleetHistoryRequest extends EventSelection {
  /** How many deployments at most. */
  readonly count: number;
  /** Only deployments that began later. */
  readonly since?: Date | undefined;
  readonly signal: AbortSignal;
}

// How many events a deployment tells, about; and how many there are to read at the least.
const eventsOfOne = 100;
const fewest = 2000;
const lookups = 50;

/**
 * The newest deployments that a stream tells of, the newest first. Reads no more of its end than it takes, and keeps no more
 * than the summaries.
 */
export async function readFleetHistory(
  stream: EventStream,
  request: FleetHistoryRequest,
): Promise<DeploymentSummary[]> {
  const { count, since } = request;
  if (since !== undefined) return readFrom(stream, request, { time: since });
  // An empty stream says 0.
  const first = Math.max(stream.first, 1);
  for (let size = Math.max(fewest, count * eventsOfOne); ; size *= 4) {
    const sequence = Math.max(first, stream.last + 1 - size);
    const found = await readFrom(stream, request, { sequence });
    if (found.length === count || sequence === first) return found;
  }
}

async function readFrom(
  stream: EventStream,
  { tier, host, count, signal }: FleetHistoryRequest,
  beginning: Beginning,
): Promise<DeploymentSummary[]> {
  const summaries = new Summaries(count);
  for await (const event of stream.read({ tier, host }, beginning, signal))
    summaries.add(event, parsePublishedEvent(event.text));
  return whole(stream, summaries, count, signal);
}

// Those whose first event was read: others began before, and are not among the newest.
async function whole(
  stream: EventStream,
  summaries: Summaries,
  count: number,
  signal: AbortSignal,
): Promise<DeploymentSummary[]> {
  const limit = pLimit(lookups);
  const found: DeploymentSummary[] = [];
  for (let [left, at] = [summaries.newest, 0]; found.length < count && at < left.length; ) {
    const next = left.slice(at, at + count - found.length);
    at += next.length;
    const firsts = await Promise.all(next.map(({ subject }) => limit(() => stream.firstOn(subject, signal))));
    found.push(
      ...next.filter((one, index) => one.firstSequence === firsts[index]).map(({ summary }) => summary),
    );
  }
  return found;
}
