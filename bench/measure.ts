/** Does something once and tells how long it took, in milliseconds. */
export type Timed = () => Promise<number>;

/** Of several times, in milliseconds: whatever else the machine does adds to all but the shortest. */
export interface Times {
  readonly min: number;
  readonly median: number;
}

/**
 * Times the subjects in turn (A B A B ...), so that whatever else the machine does meets all of them alike. One round
 * more than `rounds` is made: the first one fills caches and does not count.
 */
export async function interleave<Name extends string>(
  rounds: number,
  subjects: Readonly<Record<Name, Timed>>,
): Promise<Record<Name, Times>> {
  return repeat(rounds, async () => {
    const round: [string, number][] = [];
    for (const [name, time] of Object.entries<Timed>(subjects)) round.push([name, await time()]);
    return Object.fromEntries(round) as Record<Name, number>;
  });
}

/** Measures several times at once, `rounds` times after a first one that does not count. */
export async function repeat<Name extends string>(
  rounds: number,
  measure: () => Promise<Readonly<Record<Name, number>>>,
): Promise<Record<Name, Times>> {
  const names = Object.keys(await measure()) as Name[];
  const results: Readonly<Record<Name, number>>[] = [];
  while (results.length < rounds) results.push(await measure());
  const times = names.map((name) => [name, toTimes(results.map((result) => result[name]))]);
  return Object.fromEntries(times) as Record<Name, Times>;
}

/** The time that `work` takes, in milliseconds. */
export async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function toTimes(values: readonly number[]): Times {
  const sorted = values.toSorted((a, b) => a - b);
  const [min = Number.NaN] = sorted;
  return { min, median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN };
}
