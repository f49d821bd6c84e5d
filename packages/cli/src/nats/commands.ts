import { goalSchema, revisionSchema } from "@homelab-deploy/core";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../surroundings.ts";
import { addNatsOptions } from "./connection-options.ts";

/** Adds what is asked of listeners: a deployment, and who they are. */
export function addNatsCommands(program: Command, context: CommandContext): void {
  addNatsOptions(program.command("deploy"))
    .description("Deploy a branch or commit to the host, or the hosts, that listen on a subject.")
    .argument("<subject>", "such as deploy.prod.web01, or an alias: test for $HOMELAB_DEPLOY_ALIAS_TEST")
    .option("--branch <revision>", "Git branch or commit", toRevision, "master")
    .addOption(
      new Option("--action <action>", "what to do with the system")
        .choices(goalSchema.options)
        .default("switch"),
    )
    .option("--timeout <seconds>", "how long to wait for the responses", toSeconds, 900)
    .option("--discover-subject <subject>", "subject that listeners answer discovery on", "deploy.discover")
    .action(async (subject: string, _flags, command: Command) => {
      const { runDeploy } = await import("./run-deploy.ts");
      await runDeploy(subject, command.optsWithGlobals(), context);
    });

  addNatsOptions(program.command("hosts"))
    .description("Tell which hosts listen, and on which subjects.")
    .option("--tier <tier>", "only hosts of this tier")
    .option("--role <role>", "only hosts of this role")
    .option("--discover-subject <subject>", "subject that listeners answer discovery on", "deploy.discover")
    .action(async (_flags, command: Command) => {
      const { runHosts } = await import("./run-hosts.ts");
      await runHosts(command.optsWithGlobals(), context);
    });
}

function toRevision(text: string): string {
  const parsed = revisionSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? "not a revision");
}

function toSeconds(text: string): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("not a number of seconds");
}
