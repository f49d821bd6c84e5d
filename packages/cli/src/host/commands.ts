import {
  DeployError,
  type DeploymentEvent,
  followHost,
  rebootSchema,
  renderEvent,
  rollBack,
  rollbackSchema,
} from "@homelab-deploy/core";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../surroundings.ts";
import { toHostName, toNumber } from "./arguments.ts";
import { addConnectionOptions, connectionFrom } from "./connection-options.ts";

/** Adds what is asked of one host: a deployment that is under way, going back. */
export function addHostCommands(program: Command, context: CommandContext): void {
  const { stdout, stderr, signal } = context;
  const tell = (command: Command, result: unknown, text: string) => {
    stdout(command.optsWithGlobals().json ? `${JSON.stringify(result)}\n` : text);
  };
  const onEvent = (event: DeploymentEvent) => stderr(`${renderEvent(event)}\n`);

  addConnectionOptions(program.command("follow"))
    .description("Follow a deployment to its end, wherever it was begun; its id is in the host's history.")
    .argument("<host>", "name of the host", toHostName)
    .argument("<id>", "id of the deployment", toId)
    .action(async (host: string, id: string, options, command: Command) => {
      const outcome = await followHost(host, connectionFrom(host, options, context.config), id, {
        signal,
        onEvent,
      });
      tell(command, { outcome }, `${outcome}\n`);
    });

  addConnectionOptions(program.command("rollback"))
    .description("Take a host back to one of its generations, guarded as a deployment is.")
    .argument("<host>", "name of the host", toHostName)
    .option("--to <generation>", "number of the generation; default: the one before the current", toNumber)
    .option("--confirm-timeout <duration>", "how long the host waits for the confirmation", "30s")
    .option("--reboot <policy>", "never, or when-needed for a generation with another kernel", "never")
    .action(async (host: string, options, command: Command) => {
      const connection = connectionFrom(host, options, context.config);
      const policy = toPolicy(options);
      const request = { name: host, connection, generation: options.to, ...policy };
      const { outcome, status } = await rollBack(request, { signal, onEvent });
      const { running, generation } = status;
      tell(command, { outcome, running, generation }, `${outcome}: generation ${generation}, ${running}\n`);
    });
}

function toId(text: string): string {
  if (/^[a-z0-9-]{8,64}$/.test(text)) return text;
  throw new InvalidArgumentError("not the id of a deployment");
}

function toPolicy({ reboot, confirmTimeout }: { reboot: string; confirmTimeout: string }) {
  const parsedReboot = rebootSchema.safeParse(reboot);
  const parsedRollback = rollbackSchema.safeParse({ confirmTimeout });
  const issue = parsedReboot.error?.issues[0] ?? parsedRollback.error?.issues[0];
  if (!parsedReboot.success || !parsedRollback.success) {
    throw new DeployError("invalid-input", issue?.message ?? "not a policy");
  }
  return { reboot: parsedReboot.data, rollback: parsedRollback.data };
}
