import type { CompletedCommand } from "./tree.ts";

/** The part of a loop over the words so far that finds the command, and the option whose value is to come; bash and zsh. */
export function setWords(tree: readonly CompletedCommand[]): string {
  const patterns = (path: readonly string[], words: readonly string[]) =>
    words.map((word) => `'${path.join(" ")}|${word}'`).join(" | ");
  const commands = tree.flatMap(({ path, commands: inside }) =>
    inside.map(({ name }) => `      ${patterns(path, [name])}) command='${[...path, name].join(" ")}' ;;`),
  );
  const options = tree.flatMap(({ path, options: all }) => {
    const taking = all.filter(({ takesValue }) => takesValue).flatMap(({ names }) => names);
    return taking.length === 0 ? [] : [`      ${patterns(path, taking)}) option=$word ;;`];
  });
  return `    if [[ -n $option ]]; then option=''; continue; fi
    case "$command|$word" in
${[...commands, ...options].join("\n")}
    esac`;
}

/** Words as one word of a shell. */
export function quoted(words: readonly string[]): string {
  return quote(words.join(" "));
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
