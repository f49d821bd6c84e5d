import type { Command, Option } from "commander";

/** A command of the tree, with all that can stand after it. */
export interface CompletedCommand {
  /** Its words; none for the program itself. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  /** Values of its argument, where these are known. */
  readonly choices: readonly string[];
  /** Whether its argument is a file. */
  readonly files: boolean;
}

export interface CompletedOption {
  /** Such as `-h`, `--help`. */
  readonly names: readonly string[];
  readonly description: string;
  /** Whether a value has to follow it. */
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly files: boolean;
}

/** All commands of `program`, with those options of the program that may stand anywhere. */
export function completionTree(program: Command): CompletedCommand[] {
  const shared = program.options.map(toOption);
  const walk = (command: Command, path: readonly string[]): CompletedCommand[] => {
    const own = path.length === 0 ? [] : command.options.map(toOption);
    const commands = command.commands.map((one) => ({ name: one.name(), description: one.description() }));
    const [argument] = command.registeredArguments;
    const node = {
      path,
      commands: path.length === 0 ? [...commands, help] : commands,
      options: [...own, ...shared, helpOption],
      choices: argument?.argChoices ?? [],
      files: argument?.name() === "file",
    };
    return [node, ...command.commands.flatMap((one) => walk(one, [...path, one.name()]))];
  };
  return walk(program, []);
}

const help = { name: "help", description: "display help for command" };
const helpOption: CompletedOption = {
  names: ["-h", "--help"],
  description: "display help for command",
  takesValue: false,
  choices: [],
  files: false,
};

function toOption(option: Option): CompletedOption {
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    description: option.description,
    takesValue: option.required,
    choices: option.argChoices ?? [],
    files: /<(?:file|directory)>/.test(option.flags),
  };
}
