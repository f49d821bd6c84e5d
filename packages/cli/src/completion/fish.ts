import type { CompletedCommand, CompletedOption } from "./tree.ts";

/** The script that teaches fish the commands and flags, with what they mean. */
export function fishScript(name: string, tree: readonly CompletedCommand[]): string {
  const lines = tree.flatMap((command) => linesOf(name, command));
  return [`# ${name} completion fish`, `complete -c ${name} -f`, ...lines, ""].join("\n");
}

function linesOf(name: string, command: CompletedCommand): string[] {
  const complete = `complete -c ${name} -n ${quote(condition(command))}`;
  return [
    ...command.commands.map((one) => `${complete} -a ${one.name} -d ${quote(one.description)}`),
    ...(command.choices.length > 0 ? [`${complete} -a ${quote(command.choices.join(" "))}`] : []),
    ...(command.files ? [`${complete} -F`] : []),
    ...command.options.map((option) => `${complete} ${optionOf(option)}`),
  ];
}

// The words of the command are there, and none of those that could come next.
function condition({ path, commands }: CompletedCommand): string {
  if (path.length === 0) return "__fish_use_subcommand";
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const next = commands.map((one) => one.name).join(" ");
  return [...seen, ...(next === "" ? [] : [`not __fish_seen_subcommand_from ${next}`])].join("; and ");
}

function optionOf({ names, description, takesValue, choices, files }: CompletedOption): string {
  const flags = names.map((one) => (one.startsWith("--") ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`));
  const value = files ? ["-r -F"] : takesValue ? ["-x"] : [];
  const words = choices.length > 0 ? [`-a ${quote(choices.join(" "))}`] : [];
  return [...flags, ...value, ...words, `-d ${quote(description)}`].join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
