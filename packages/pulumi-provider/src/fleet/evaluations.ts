import type { evaluateFleet, FleetHost, FleetSource } from "@homelab-deploy/core";
import type { Call } from "../service.ts";

export type Hosts = Readonly<Record<string, FleetHost>>;
type Selection = Parameters<typeof evaluateFleet>[1];

/** Evaluates every host of a source once in the life of a session, however many calls ask for it. */
export interface Evaluations {
  /** The named hosts; names from calls in one short window are evaluated together. */
  hosts(source: FleetSource, names: readonly string[], call: Call): Promise<Hosts>;
  /** The hosts that a selection without names means. */
  select(source: FleetSource, selection: Selection, call: Call): Promise<Hosts>;
}

/** `window`: how long, in milliseconds, names are collected before an evaluation starts. */
export function createEvaluations(evaluate: typeof evaluateFleet, window = 10): Evaluations {
  const sources = new Map<string, SourceEvaluations>();
  const of = (source: FleetSource) =>
    remember(sources, JSON.stringify(source), () => createSourceEvaluations(source, evaluate, window));
  return {
    hosts: async (source, names, call) => {
      const hosts = await Promise.all(names.map((name) => of(source).host(name, call)));
      return Object.fromEntries(hosts.map((host) => [host.name, host]));
    },
    select: (source, selection, call) => of(source).select(selection, call),
  };
}

interface SourceEvaluations {
  host(name: string, call: Call): Promise<FleetHost>;
  select(selection: Selection, call: Call): Promise<Hosts>;
}

function createSourceEvaluations(
  source: FleetSource,
  evaluate: typeof evaluateFleet,
  window: number,
): SourceEvaluations {
  const hosts = new Map<string, Promise<FleetHost>>();
  const selections = new Map<string, Promise<Hosts>>();
  const notes = new Set<string>();
  let batch: { names: string[]; result: Promise<Hosts> } | undefined;

  const run = async (selection: Selection, { signal, log }: Call): Promise<Hosts> => {
    const onEvaluate = (name: string) => log("ephemeral", `evaluating ${name}`);
    const onNote = (note: string) => {
      if (!notes.has(note)) log("warning", note);
      notes.add(note);
    };
    return (await evaluate(source, selection, { signal, onEvaluate, onNote })).hosts;
  };
  const runBatch = async (names: string[], call: Call): Promise<Hosts> => {
    await new Promise((resolve) => setTimeout(resolve, window));
    batch = undefined;
    return run({ names }, call);
  };
  const evaluateHost = async (name: string, call: Call): Promise<FleetHost> => {
    if (batch === undefined) {
      const names: string[] = [];
      batch = { names, result: runBatch(names, call) };
    }
    batch.names.push(name);
    const evaluationError = `no host ${JSON.stringify(name)} in ${source.flake ?? source.file}`;
    return (await batch.result)[name] ?? { name, evaluationError };
  };
  return {
    host: (name, call) => remember(hosts, name, () => evaluateHost(name, call)),
    select: (selection, call) => remember(selections, JSON.stringify(selection), () => run(selection, call)),
  };
}

/** The value under `key`, made on first use; a promise that fails is forgotten, so that it can be tried again. */
function remember<V>(values: Map<string, V>, key: string, make: () => V): V {
  const known = values.get(key);
  if (known !== undefined) return known;
  const value = make();
  values.set(key, value);
  if (value instanceof Promise) value.catch(() => values.delete(key));
  return value;
}
