import { stripVTControlCharacters } from "node:util";

/** Rows of words in columns, as lines; words may be painted, and the last column is as wide as it comes. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_word, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ""))));
  const pad = (word: string, width = 0) => word + " ".repeat(Math.max(0, width - widthOf(word)));
  const line = (row: readonly string[]) =>
    row.map((word, column) => (column === row.length - 1 ? word : pad(word, widths[column]))).join("  ");
  return all.map((row) => `${line(row).trimEnd()}\n`).join("");
}

function widthOf(word: string): number {
  return stripVTControlCharacters(word).length;
}
