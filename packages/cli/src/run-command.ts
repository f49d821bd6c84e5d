import { type DeployError, explain, toDeployError } from "@homelab-deploy/core";
import { Command, CommanderError } from "commander";
import { addCompletionCommand } from "./completion/command.ts";
import { applyConfig, checkCommands } from "./config/apply-config.ts";
import { readConfig } from "./config/read.ts";
import { Ended, exitStatus, exitStatusHelp } from "./exit-status.ts";
import { addFleetCommands } from "./fleet/commands.ts";
import { addHistoryCommand } from "./history/command.ts";
import { addHostCommands } from "./host/commands.ts";
import { addKeysCommand } from "./keys/command.ts";
import { addListenerCommand } from "./listener/command.ts";
import { addMcpCommand } from "./mcp/command.ts";
import { addNatsCommands } from "./nats/commands.ts";
import { addNatsConfigCommand } from "./nats/config/command.ts";
import type { CommandContext, Surroundings } from "./surroundings.ts";

/** Runs one command line and returns its exit status. Results go to stdout, the story and what went wrong to stderr. */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const program = createProgram(surroundings);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitStatus.done;
  } catch (error) {
    if (error instanceof Ended) return error.status;
    // Commander has said by itself what is wrong, or what was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
    return fail(toDeployError(error, "invalid-input"), program.opts().json === true, surroundings);
  }
}

// They run unattended, or for others, or need nothing: what is in some directory must not change what they do.
const withoutConfig = ["listener", "nats-config", "keys", "completion"];

/** The command with all that it can do. */
export function createProgram(surroundings: Surroundings): Command {
  const context: CommandContext = { ...surroundings, config: {} };
  const program = new Command("homelab-deploy")
    .description("NixOS hosts from the command line.")
    .option("--json", "write the result, or the error, to standard output as JSON")
    .option(
      "--config <file>",
      "file with values for flags (default: homelab-deploy.yaml in this directory, or the nearest one above)",
    )
    .addHelpText("after", `\n${exitStatusHelp}`)
    .exitOverride()
    .configureOutput({ writeOut: surroundings.stdout, writeErr: surroundings.stderr });
  addFleetCommands(program, context);
  addHistoryCommand(program, context);
  addHostCommands(program, context);
  addKeysCommand(program, context);
  addListenerCommand(program, context);
  addNatsCommands(program, context);
  addNatsConfigCommand(program, context);
  addMcpCommand(program, context);
  addCompletionCommand(program, context);
  const configured = program.commands.filter((command) => !withoutConfig.includes(command.name()));
  for (const command of configured) {
    command.hook("preAction", async () => {
      const found = await readConfig(program.opts().config, process.cwd());
      const known = configured.map((one) => one.name());
      checkCommands(found, known);
      applyConfig(found, command);
      context.config = found.config;
    });
  }
  return program;
}

function fail(error: DeployError, json: boolean, { stdout, stderr, signal }: Surroundings): number {
  const { code, message, hint } = error;
  if (json) stdout(`${JSON.stringify({ error: { code, message, hint } })}\n`);
  else stderr(`${explain(error)}\n`);
  if (signal.aborted) return exitStatus.interrupted;
  return code === "invalid-input" ? exitStatus.usage : exitStatus.failed;
}
