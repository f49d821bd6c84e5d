import { fileURLToPath } from "node:url";
import type { Argument, Command, Option } from "commander";
import { exitStatusHelp } from "../src/exit-status.ts";
import { createProgram } from "../src/run-command.ts";

export const commandsFile = fileURLToPath(new URL("../../../docs/cli.md", import.meta.url));

/** A configuration file with every key that there is. */
export const configExample = `flake: .                          # relative to this file
overrideInputs:
  nixpkgs: github:NixOS/nixpkgs/nixos-25.05
connection:                       # as in the provider's configuration
  ssh: { user: deploy, identityFile: ~/.ssh/deploy }
  nats: { url: tls://nats.lan:4222, nkeyFile: keys/alice.nkey }
hosts:                            # single hosts, over SSH
  web01: { host: 10.0.0.11, hostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X }
tier: prod                        # --tier, of every command that has it
commands:                         # flags of single commands
  apply: { reboot: when-needed, parallel: 4, signingKeyFile: ~/.config/homelab-deploy/signing-key }
  status: { timeout: 5s }
`;

/** docs/cli.md: what the command's own help says. */
export function commandsPage(): string {
  const nothing = () => {};
  const { signal } = new AbortController();
  const program = createProgram({ stdout: nothing, stderr: nothing, signal });
  // A command that only holds others takes no argument itself.
  const commands = program.commands.flatMap((command) =>
    command.commands.length > 0 && command.registeredArguments.length === 0
      ? command.commands
      : [command, ...command.commands],
  );
  return `# The command homelab-deploy

<!-- Written by \`npm run docs\` from what the command says itself. -->

Results go to standard output, with \`--json\` as JSON; the story, and what went wrong, to standard error. \`--json\` and \`--config\` may stand
anywhere.

\`\`\`text
${exitStatusHelp}
\`\`\`

| command | what it does |
| --- | --- |
${commands.map((command) => `| [\`${nameOf(command)}\`](#${anchorOf(nameOf(command))}) | ${cell(command.description())} |`).join("\n")}

## homelab-deploy.yaml

What flags hold can stand in a file: \`homelab-deploy.yaml\` of the directory where the command is run, or of the nearest one above it, or the
file of \`--config\`. Flags go before it, and it goes before what the configurations of the hosts say, but for how a host is reached: there a
host goes first. Relative files are beside it. It holds no passwords. \`listener\`, \`nats-config\`, \`keys\` and \`completion\` do not read it,
and one that belongs to another user is only read when it is named.

\`\`\`yaml
${configExample}\`\`\`

With both \`ssh\` and \`nats\`, hosts are reached over SSH; with \`nats\` alone, all but those under \`hosts\`, and those whose configuration says
otherwise, are reached by their listeners. \`file\` in place of \`flake\` names a plain Nix file; \`impure: true\` evaluates with access to the
environment.

${commands.map(section).join("\n")}
## Flags that commands share

${groupsOf(commands)
  .map(([heading, options]) => `### ${title(heading)}\n\n${optionTable(options)}`)
  .join("\n")}`;
}

function section(command: Command): string {
  const { options } = command;
  const own = options.filter((option) => !option.helpGroupHeading);
  const shared = [...new Set(options.flatMap(({ helpGroupHeading }) => helpGroupHeading || []))];
  const links = shared.map((heading) => `[${title(heading)}](#${anchorOf(title(heading))})`);
  const usage = command.registeredArguments.map((argument) => ` ${argumentOf(argument)}`).join("");
  return [
    `## ${nameOf(command)}\n`,
    `\`homelab-deploy ${nameOf(command)}${usage}\`\n`,
    `${command.description()}\n`,
    ...command.registeredArguments
      .filter(({ description }) => description !== "")
      .map((argument) => `\`${argumentOf(argument)}\`: ${argument.description}\n`),
    ...(own.length > 0 ? [optionTable(own)] : []),
    ...(links.length > 0 ? [`Also: ${links.join(", ")}.\n`] : []),
  ].join("\n");
}

function argumentOf(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function groupsOf(commands: readonly Command[]): [string, Option[]][] {
  const groups = new Map<string, Map<string, Option>>();
  for (const option of commands.flatMap(({ options }) => options)) {
    if (!option.helpGroupHeading) continue;
    const group = groups.get(option.helpGroupHeading) ?? new Map<string, Option>();
    groups.set(option.helpGroupHeading, group.set(option.flags, option));
  }
  return [...groups].map(([heading, options]) => [heading, [...options.values()]]);
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map(
    (option) => `| \`${option.flags}\` | ${cell(option.description)}${details(option)} |`,
  );
  return `| flag | what it says |\n| --- | --- |\n${rows.join("\n")}\n`;
}

function details({ mandatory, argChoices, defaultValue, defaultValueDescription, negate }: Option): string {
  const shown = defaultValueDescription ?? (negate ? undefined : defaultValue);
  const notes = [
    mandatory && "needed",
    argChoices && `one of ${argChoices.map((choice) => `\`${choice}\``).join(", ")}`,
    shown !== undefined && `default: \`${shown}\``,
  ].filter((note) => note);
  return notes.length > 0 ? ` (${notes.join("; ")})` : "";
}

function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${parent.name()} ${command.name()}` : command.name();
}

function title(heading: string): string {
  return heading.replace(/:$/, "");
}

function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(" ", "-");
}

// What is between angle brackets would be taken for HTML.
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "\\<");
}
