/** Rows of words in columns, as lines; the last column is as wide as it comes. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_word, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((word, column) => (column === row.length - 1 ? word : word.padEnd(widths[column] ?? 0)))
      .join("  ");
  return all.map((row) => `${line(row).trimEnd()}\n`).join("");
}
