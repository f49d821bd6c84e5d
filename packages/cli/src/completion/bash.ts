import { quoted, setWords } from "./posix.ts";
import type { CompletedCommand } from "./tree.ts";

/** The script that teaches bash, from version 4.4 on, the commands and flags. */
export function bashScript(name: string, tree: readonly CompletedCommand[]): string {
  const reply = (words: readonly string[]) =>
    `mapfile -t COMPREPLY < <(compgen -W ${quoted(words)} -- "$current")`;
  const files = (words: readonly string[]) =>
    `compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -W ${quoted(words)} -- "$current")`;
  return `# ${name} completion bash
_${name.replaceAll("-", "_")}() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' option='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${setWords(tree)}
  done
${complete(tree, reply, files, '"$current"')}
}
complete -F _${name.replaceAll("-", "_")} ${name}
`;
}

type Reply = (words: readonly string[]) => string;

function complete(tree: readonly CompletedCommand[], reply: Reply, files: Reply, current: string): string {
  const values = tree.flatMap(({ path, options }) =>
    options
      .filter((option) => option.takesValue && (option.files || option.choices.length > 0))
      .map(({ names, choices, files: isFile }) => {
        const patterns = names.map((one) => `'${path.join(" ")}|${one}'`).join(" | ");
        return `      ${patterns}) ${isFile ? files([]) : reply(choices)} ;;`;
      }),
  );
  const words = tree.map(({ path, commands, options, choices, files: isFile }) => {
    const flags = options.flatMap(({ names }) => names);
    const others = [...commands.map((command) => command.name), ...choices];
    const other = isFile ? files(others) : reply(others);
    return `    '${path.join(" ")}') if [[ ${current} == -* ]]; then ${reply(flags)}; else ${other}; fi ;;`;
  });
  return `  if [[ -n $option ]]; then
    case "$command|$option" in
${values.join("\n")}
    esac
    return
  fi
  case $command in
${words.join("\n")}
  esac`;
}
