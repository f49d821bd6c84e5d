/** One cell of the matrix, or one round of chance, as it came out. */
export interface Row {
  readonly fault: string;
  readonly step: string;
  readonly runs: string;
  readonly boots: string;
  readonly journal: string;
  /** What Pulumi's state says it runs: after `up`, after `refresh`. */
  readonly state: string;
  readonly next: string;
  readonly seconds: number;
  /** The promises that were broken. */
  readonly broken: readonly string[];
}

const widths = { fault: 34, step: 20, runs: 6, boots: 6, journal: 20, state: 10, next: 11, seconds: 8 };

export function heading(): string {
  return line({ ...Object.fromEntries(Object.keys(widths).map((key) => [key, key])), verdict: "verdict" });
}

export function toLine(row: Row): string {
  const verdict = row.broken.length === 0 ? "kept" : `BROKEN: ${row.broken.join("; ")}`;
  return line({ ...row, seconds: row.seconds.toFixed(0), verdict });
}

function line(values: Readonly<Record<string, unknown>>): string {
  const columns = Object.entries(widths).map(([key, width]) => String(values[key]).padEnd(width));
  return [...columns, values.verdict].join(" ");
}
