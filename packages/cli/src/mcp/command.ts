import type { Command } from "commander";
import { addNatsOptions, natsConnectionFrom } from "../nats/connection-options.ts";
import type { CommandContext } from "../surroundings.ts";

/** Adds `mcp`: the tools by which an assistant deploys and looks. */
export function addMcpCommand(program: Command, context: CommandContext): void {
  const { stderr, signal } = context;
  addNatsOptions(program.command("mcp"))
    .description(
      "Serve tools to an AI assistant by the Model Context Protocol: on standard input and output, or HTTP.",
    )
    .option("--enable-admin", "also offer deploy_admin, and look at hosts of every tier")
    .option("--admin-nkey-file <file>", "file with the NKey seed for these")
    .option(
      "--http <address>",
      "serve over streamable HTTP on [host:]port instead; the host is 127.0.0.1 by default",
    )
    .option("--discover-subject <subject>", "subject that listeners answer discovery on", "deploy.discover")
    .action(async (flags) => {
      const { runMcp } = await import("./run.ts");
      const connection = natsConnectionFrom(flags, context.config.connection?.nats);
      await runMcp(connection, flags, { log: (line) => stderr(`${line}\n`), signal });
    });
}
