import { readFileSync } from "node:fs";

/** A hole in a title: what differs between the cases of one test, and what a page leaves out. */
const hole = "…";
const opening =
  /^( *).*?(?:\b(?:describe|it|test)(?:\.[\w.]+)?(?:<[^(]*>)?|\))\(\s*(?:"((?:\\.|[^"\\])*)"|`([^`]*)`)/gm;

/**
 * Parts of `text` that are no titles of tests in `file`. The text is a list of titles, separated by ", " or "; ". Before a title
 * may stand those of its `describe`s; "…" stands for what differs between cases, or at the end for the rest of the title.
 */
export function missingTitles(text: string, file: string): string[] {
  const source = readFileSync(file, "utf8");
  const titles = titlesOf(source);
  const plain = text.replaceAll(/\([^)]*\)/g, "").replaceAll(/\s+([,;])/g, "$1");
  const parts = plain.trim().split(/(?<=[,;]) /);
  const missing: string[] = [];
  for (let start = 0; start < parts.length; ) {
    // A title may hold commas: the longest one that is there is meant.
    let end = parts.length;
    const title = () => parts.slice(start, end).join(" ").trim().replace(/[,;]$/, "");
    while (end > start && !titles.some((candidate) => isMeant(title(), candidate, source))) end--;
    if (end === start) missing.push(parts[start] ?? "");
    start = Math.max(end, start + 1);
  }
  return missing;
}

/** Every title, alone and after those of the `describe`s around it, which the indentation tells. */
function titlesOf(source: string): string[] {
  const around: { readonly indent: number; readonly title: string }[] = [];
  return [...source.matchAll(opening)].flatMap(([, spaces = "", quoted, template]) => {
    const title = (quoted ?? template ?? "").replaceAll(/%[sij]|\$[a-zA-Z.]+/g, hole).replaceAll('\\"', '"');
    while ((around.at(-1)?.indent ?? -1) >= spaces.length) around.pop();
    around.push({ indent: spaces.length, title });
    return around.map((_, index) =>
      around
        .slice(index)
        .map((one) => one.title)
        .join(" "),
    );
  });
}

function isMeant(text: string, title: string, source: string): boolean {
  if (text === title) return true;
  const beginning = text.replace(/[,\s]*…$/, "");
  const isBeginning = beginning !== text;
  if (beginning === "") return false;
  if (isBeginning && title.startsWith(beginning)) return true;
  if (!title.includes(hole)) return false;
  const pattern = title
    .split(hole)
    .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("(.+)");
  const cases = new RegExp(`^${pattern}$`).exec(beginning)?.slice(1);
  return cases?.every((name) => isCase(name, isBeginning, source)) ?? false;
}

// What fills a hole is named in the file: whole, in pieces of a list, or, where the rest is left out, at its beginning.
function isCase(name: string, isBeginning: boolean, source: string): boolean {
  return name.split(", ").every((one) => source.includes(isBeginning ? `"${one}` : `"${one}"`));
}
