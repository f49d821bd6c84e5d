import {
  type ConnectedNats,
  type Discovered,
  discoverSubject,
  readDiscovered,
  writeDiscoverRequest,
} from "@homelab-deploy/core/nats";
import { collect } from "./collect.ts";

// A listener answers at once; of many, the answers come one close after the other.
const atLeast = 1_000;
const quiet = 300;
const atMost = 5_000;

export interface DiscoverOptions {
  readonly signal: AbortSignal;
  readonly subject?: string | undefined;
  readonly tier?: string | undefined;
  readonly role?: string | undefined;
}

/** The listeners that answer within a second, or as long as more of them do; by name. */
export async function discover(nats: ConnectedNats, options: DiscoverOptions): Promise<Discovered[]> {
  const { signal, subject = discoverSubject, tier, role } = options;
  const start = Date.now();
  const found = new Map<string, Discovered>();
  const onAnswer = (body: string) => {
    const discovered = readDiscovered(body);
    if (discovered !== undefined) found.set(`${discovered.tier} ${discovered.hostname}`, discovered);
    return false;
  };
  const patience = () => {
    const passed = Date.now() - start;
    return Math.max(0, Math.min(atMost - passed, Math.max(quiet, atLeast - passed)));
  };
  await collect(nats, subject, writeDiscoverRequest, { signal, onAnswer, patience });
  return [...found.values()]
    .filter(
      (host) => (tier === undefined || host.tier === tier) && (role === undefined || host.role === role),
    )
    .sort((a, b) => `${a.tier} ${a.hostname}`.localeCompare(`${b.tier} ${b.hostname}`));
}
