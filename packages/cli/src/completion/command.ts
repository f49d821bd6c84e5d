import { Argument, type Command } from "commander";
import type { Surroundings } from "../surroundings.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { completionTree } from "./tree.ts";
import { zshScript } from "./zsh.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** Adds `completion`: what makes a shell know the commands and flags. */
export function addCompletionCommand(program: Command, { stdout }: Surroundings): void {
  program
    .command("completion")
    .description(
      "Write the script that makes a shell complete commands and flags: source <(homelab-deploy completion bash)",
    )
    .addArgument(new Argument("<shell>", "which one").choices(Object.keys(scripts)))
    .action((shell: keyof typeof scripts) => {
      stdout(scripts[shell](program.name(), completionTree(program)));
    });
}
