import { availableParallelism, loadavg } from "node:os";
import type { Times } from "./measure.ts";

const milliseconds = "milliseconds";

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
  /** The most that a subject may take. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly comparisons: readonly Comparison[];
}

/** The reports as JSON for machines. */
export function toJson(reports: readonly Report[]): string {
  const compared = reports.map(({ unit = milliseconds, times, limits, comparisons }) => ({
    unit,
    times,
    limits,
    comparisons: comparisons.map((comparison) => ({ ...comparison, ratio: ratio(comparison, times) })),
  }));
  return JSON.stringify({ machine: machine(), reports: compared }, null, 2);
}

/** The reports as tables for people. */
export function toTable(reports: readonly Report[]): string {
  const { cores, load } = machine();
  const note = `Load of the machine: ${load.toFixed(1)} on ${cores} cores.`;
  return [...reports.map(table), note].join("\n\n");
}

function table({ unit = milliseconds, times, limits, comparisons }: Report): string {
  const rows = Object.entries(times).map(
    ([name, { min, median }]) => row(name, min.toFixed(0), median.toFixed(0)) + atMost(limits?.[name]),
  );
  const ratios = comparisons.map((comparison) => {
    const { min, median } = ratio(comparison, times);
    const name = `${comparison.subject} / ${comparison.baseline}`;
    return row(name, min.toFixed(2), median.toFixed(2)) + atMost(comparison.bound?.toFixed(2));
  });
  return [row(unit, "min", "median"), ...rows, "", row("ratio", "min", "median"), ...ratios].join("\n");
}

/**
 * The limits and bounds that are exceeded, a sentence for each. The shortest times are judged: what else the machine does
 * only ever adds to a time.
 */
export function excesses({ unit = milliseconds, times, limits = {}, comparisons }: Report): string[] {
  const over = Object.entries(limits).flatMap(([subject, limit]) => {
    const { min } = measured(subject, times);
    return min <= limit ? [] : [`${subject}: ${min.toFixed(0)} ${unit}, at most ${limit} allowed`];
  });
  const above = comparisons.flatMap((comparison) => {
    const { min } = ratio(comparison, times);
    if (comparison.bound === undefined || min <= comparison.bound) return [];
    return [
      `${comparison.subject}: ${min.toFixed(2)} times ${comparison.baseline}, at most ${comparison.bound} allowed`,
    ];
  });
  return [...over, ...above];
}

function ratio({ subject, baseline }: Comparison, times: Report["times"]): Times {
  const [above, below] = [measured(subject, times), measured(baseline, times)];
  return { min: above.min / below.min, median: above.median / below.median };
}

function measured(subject: string, times: Report["times"]): Times {
  const found = times[subject];
  if (found === undefined) throw new RangeError(`not measured: ${subject}`);
  return found;
}

function atMost(limit: number | string | undefined): string {
  return limit === undefined ? "" : `    at most ${limit}`;
}

function machine(): { cores: number; load: number } {
  return { cores: availableParallelism(), load: loadavg()[0] ?? Number.NaN };
}

function row(name: string, ...values: readonly string[]): string {
  return name.padEnd(54) + values.map((value) => value.padStart(10)).join("");
}
