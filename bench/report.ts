import { availableParallelism, loadavg } from "node:os";
import type { Times } from "./measure.ts";

/** A subject beside what it is measured against. */
export interface Comparison {
  readonly subject: string;
  readonly baseline: string;
  /** How many times what the baseline takes the subject may take. */
  readonly bound?: number;
}

export interface Report {
  /** What the numbers are. Default: milliseconds. */
  readonly unit?: string;
  /** What was measured, in the order in which it is shown. */
  readonly times: Readonly<Record<string, Times>>;
  readonly comparisons: readonly Comparison[];
}

/** The report as JSON for machines. */
export function toJson({ unit = "milliseconds", times, comparisons }: Report): string {
  const compared = comparisons.map((comparison) => ({ ...comparison, ratio: ratio(comparison, times) }));
  return JSON.stringify({ machine: machine(), unit, times, comparisons: compared }, null, 2);
}

/** The report as a table for people. */
export function toTable({ unit = "milliseconds", times, comparisons }: Report): string {
  const rows = Object.entries(times).map(([name, { min, median }]) =>
    row(name, min.toFixed(0), median.toFixed(0)),
  );
  const ratios = comparisons.map((comparison) => {
    const { min, median } = ratio(comparison, times);
    const bound = comparison.bound === undefined ? "" : `    at most ${comparison.bound.toFixed(2)}`;
    const name = `${comparison.subject} / ${comparison.baseline}`;
    return row(name, min.toFixed(2), median.toFixed(2)) + bound;
  });
  const { cores, load } = machine();
  const note = `Load of the machine: ${load.toFixed(1)} on ${cores} cores.`;
  return [row(unit, "min", "median"), ...rows, "", row("ratio", "min", "median"), ...ratios, "", note].join(
    "\n",
  );
}

/**
 * The comparisons whose bound is exceeded, a sentence for each. The shortest times are judged: what else the machine does
 * only ever adds to a time.
 */
export function excesses({ times, comparisons }: Report): string[] {
  return comparisons.flatMap((comparison) => {
    const { min } = ratio(comparison, times);
    if (comparison.bound === undefined || min <= comparison.bound) return [];
    return [
      `${comparison.subject}: ${min.toFixed(2)} times ${comparison.baseline}, at most ${comparison.bound} allowed`,
    ];
  });
}

function ratio({ subject, baseline }: Comparison, times: Report["times"]): Times {
  const [above, below] = [times[subject], times[baseline]];
  if (above === undefined || below === undefined)
    throw new RangeError(`not measured: ${subject} or ${baseline}`);
  return { min: above.min / below.min, median: above.median / below.median };
}

function machine(): { cores: number; load: number } {
  return { cores: availableParallelism(), load: loadavg()[0] ?? Number.NaN };
}

function row(name: string, ...values: readonly string[]): string {
  return name.padEnd(54) + values.map((value) => value.padStart(10)).join("");
}
