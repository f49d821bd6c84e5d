import { type DeployError, explain, toDeployError } from "@homelab-deploy/core";
import { Command, CommanderError } from "commander";
import { exitStatus, exitStatusHelp, Unsuccessful } from "./exit-status.ts";
import { addHostCommands } from "./host/commands.ts";
import { addKeysCommand } from "./keys/command.ts";
import { addListenerCommand } from "./listener/command.ts";
import { addMcpCommand } from "./mcp/command.ts";
import { addNatsCommands } from "./nats/commands.ts";
import { addNatsConfigCommand } from "./nats/config/command.ts";
import type { Surroundings } from "./surroundings.ts";

/** Runs one command line and returns its exit status. Results go to stdout, the story and what went wrong to stderr. */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const program = createProgram(surroundings);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitStatus.done;
  } catch (error) {
    if (error instanceof Unsuccessful) return exitStatus.failed;
    // Commander has said by itself what is wrong, or what was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
    return fail(toDeployError(error, "invalid-input"), program.opts().json === true, surroundings);
  }
}

function createProgram(surroundings: Surroundings): Command {
  const program = new Command("homelab-deploy")
    .description("NixOS hosts from the command line.")
    .option("--json", "write the result, or the error, to standard output as JSON")
    .addHelpText("after", `\n${exitStatusHelp}`)
    .exitOverride()
    .configureOutput({ writeOut: surroundings.stdout, writeErr: surroundings.stderr });
  addHostCommands(program, surroundings);
  addKeysCommand(program, surroundings);
  addListenerCommand(program, surroundings);
  addNatsCommands(program, surroundings);
  addNatsConfigCommand(program, surroundings);
  addMcpCommand(program, surroundings);
  return program;
}

function fail(error: DeployError, json: boolean, { stdout, stderr, signal }: Surroundings): number {
  const { code, message, hint } = error;
  if (json) stdout(`${JSON.stringify({ error: { code, message, hint } })}\n`);
  else stderr(`${explain(error)}\n`);
  if (signal.aborted) return exitStatus.interrupted;
  return code === "invalid-input" ? exitStatus.usage : exitStatus.failed;
}
