import { quote, setWords } from "./posix.ts";
import type { CompletedCommand, CompletedOption } from "./tree.ts";

/** The script that teaches zsh the commands and flags, with what they mean. */
export function zshScript(name: string, tree: readonly CompletedCommand[]): string {
  const shell = `_${name.replaceAll("-", "_")}`;
  return `#compdef ${name}
# ${name} completion zsh
${shell}() {
  local command='' option='' word
  local -a found
  for word in "\${(@)words[2,CURRENT-1]}"; do
${setWords(tree)}
  done
  if [[ -n $option ]]; then
    case "$command|$option" in
${tree.flatMap(({ path, options }) => options.flatMap((one) => valueCase(path, one))).join("\n")}
    esac
    return
  fi
  case $command in
${tree.map(wordCase).join("\n")}
  esac
}
if [[ $funcstack[1] == ${shell} ]]; then ${shell} "$@"; else compdef ${shell} ${name}; fi
`;
}

function valueCase(
  path: readonly string[],
  { names, takesValue, choices, files }: CompletedOption,
): string[] {
  if (!takesValue || (!files && choices.length === 0)) return [];
  const patterns = names.map((one) => `'${path.join(" ")}|${one}'`).join(" | ");
  return [`      ${patterns}) ${files ? "_files" : `compadd -- ${choices.join(" ")}`} ;;`];
}

function wordCase({ path, commands, options, choices, files }: CompletedCommand): string {
  const flags = options.flatMap(({ names, description }) => names.map((one) => described(one, description)));
  const others = [
    ...commands.map((command) => described(command.name, command.description)),
    ...choices.map(quote),
  ];
  const words = others.length === 0 ? [] : [describe(others)];
  const other = [...words, ...(files ? ["_files"] : [])].join("; ") || ":";
  return `    '${path.join(" ")}')
      if [[ $PREFIX == -* ]]; then ${describe(flags)}; else ${other}; fi ;;`;
}

function describe(words: readonly string[]): string {
  return `found=(${words.join(" ")}); _describe word found`;
}

function described(word: string, description: string): string {
  return quote(`${word}:${description}`);
}
