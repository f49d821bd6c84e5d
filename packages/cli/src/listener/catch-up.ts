import { setTimeout as delay } from "node:timers/promises";
import { explain, type Host, type HostStatus, isDeployed } from "@homelab-deploy/core";
import {
  type Addressee,
  type ConnectedNats,
  clockTolerance,
  readWanted,
  type Wanted,
  type WantedMessage,
  watchWanted,
} from "@homelab-deploy/core/nats";
import type { Deployments } from "./deployments.ts";
import type { Fetches } from "./fetches.ts";

const second = 1000;
// Hosts that come back together do not ask in the same moment.
const spread = 3 * second;
// How soon it is looked again: while something else is under way, and else, for what no news told of.
const busy = 5 * second;
const idle = 300 * second;

interface Options extends Addressee {
  readonly nats: ConnectedNats;
  readonly machine: Host;
  readonly deployments: Deployments;
  readonly fetches: Fetches;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Throws `refused` for a record that may not be carried out. */
  readonly check: (message: WantedMessage) => void;
}

/** Brings the host to what was wanted of it while it was off, each wish once, until `signal` is aborted. */
export async function catchUp(options: Options): Promise<void> {
  const { nats, signal, log } = options;
  const settled = new Set<string>();
  let news = Promise.withResolvers<void>();
  watchWanted(nats, options, () => news.resolve());
  let told = "";
  while (!signal.aborted) {
    await delay(Math.random() * spread, undefined, { signal }).catch(() => {});
    news = Promise.withResolvers();
    const wait = await look(options, settled).catch((error: unknown) => {
      const reason = `what this host shall become is not known: ${explain(error)}`;
      if (!signal.aborted && reason !== told) log(reason);
      told = reason;
      return idle;
    });
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    await Promise.race([news.promise, delay(wait, undefined, { signal: either }).catch(() => {})]);
    over.abort();
  }
}

/** Looks once, and does what there is to do; returns after how many milliseconds to look again. */
async function look(options: Options, settled: Set<string>): Promise<number> {
  const { nats, machine, deployments, fetches, signal, log, check } = options;
  const wanted = await readWanted(nats, options, check);
  if (wanted === undefined || settled.has(wanted.id) || signal.aborted) return idle;
  const isFree = async (): Promise<boolean> => {
    const status = await machine.inspect({ signal });
    const reason = reasonAgainst(wanted, status);
    if (reason !== undefined) settled.add(wanted.id);
    if (reason !== undefined && reason !== "") log(`${described(wanted)} is not done: ${reason}`);
    return reason === undefined && status.lock === undefined && !deployments.areUnderWay;
  };
  if (!(await isFree())) return settled.has(wanted.id) ? idle : busy;
  log(`catching up: ${described(wanted)}`);
  for (let done = false; !done; ) ({ done } = await fetches.fetch(wanted.toplevel, true, () => {}));
  const latest = await readWanted(nats, options, check);
  if (latest?.id !== wanted.id) return 0;
  if (!(await isFree())) return settled.has(wanted.id) ? idle : busy;
  settled.add(wanted.id);
  await deployments.bring(wanted);
  return idle;
}

/** Why there is nothing to do, empty where that goes without saying; undefined when there is. */
function reasonAgainst(wanted: Wanted, { lock, deployments, ...seen }: HostStatus): string | undefined {
  const { id, toplevel, goal, reboot, at, expires } = wanted;
  if (isDeployed({ toplevel, goal, reboot }, seen)) return "";
  if ([lock, ...deployments].some((deployment) => deployment?.id === id)) return "";
  if (Date.now() > expires + clockTolerance) return "it came too late";
  const later = deployments.find(
    (deployment) => deployment.goal !== "dry-activate" && deployment.since * second > at + clockTolerance,
  );
  return later && `${later.by} has deployed ${later.to} since`;
}

function described({ goal, toplevel, by, at }: Wanted): string {
  return `${goal} to ${toplevel}, which ${by} wanted at ${new Date(at).toISOString()}`;
}
