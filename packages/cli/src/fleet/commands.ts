import { cacheSchema, durationSchema, goalSchema, rebootSchema } from "@homelab-deploy/core";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../surroundings.ts";
import { addFleetOptions, addTimeoutOption, parseWith } from "./options.ts";

/** Adds what is asked of all hosts of a flake, or done to them, over their own connections. */
export function addFleetCommands(program: Command, context: CommandContext): void {
  addTimeoutOption(addFleetOptions(program.command("status")))
    .description(
      "Tell what every host of a flake runs, boots and should run, who deployed it, and how that ended.",
    )
    .option("--no-evaluate", "do not evaluate what the hosts should run")
    .option("--watch [seconds]", "tell it again and again, every 5 seconds or as many", toSeconds)
    .action(async (_flags, command: Command) => {
      const { runStatus } = await import("./run-status.ts");
      await runStatus(command.optsWithGlobals(), context);
    });

  addTimeoutOption(addFleetOptions(program.command("plan")))
    .description("Tell which hosts of a flake a deployment would change. Builds and changes nothing.")
    .option("--detailed-exitcode", "end with status 3 when there is something to change")
    .action(async (_flags, command: Command) => {
      const { runPlan } = await import("./run-plan.ts");
      await runPlan(command.optsWithGlobals(), context);
    });

  addFleetOptions(program.command("apply"))
    .description("Build, copy and activate the systems of a flake on its hosts, under guard.")
    .addOption(
      new Option(
        "--goal <goal>",
        "what becomes of the systems (default: as each host says, or switch)",
      ).choices(goalSchema.options),
    )
    .addOption(
      new Option(
        "--reboot <policy>",
        "whether to reboot for another kernel (default: as each host says, or never)",
      ).choices(rebootSchema.options),
    )
    .option(
      "--confirm-timeout <duration>",
      "how long a host waits for the confirmation (default: as it says, or 30s)",
      (text) => parseWith(durationSchema, text),
    )
    .option("--cache <url>", "binary cache to copy to first, for the hosts to get closures from", (text) =>
      parseWith(cacheSchema.shape.to, text),
    )
    .option("--signing-key-file <file>", "file with the secret key that signs what is copied")
    .action(async (_flags, command: Command) => {
      const { runApply } = await import("./run-apply.ts");
      await runApply(command.optsWithGlobals(), context);
    });

  addTimeoutOption(addFleetOptions(program.command("metrics")))
    .description("Tell the same as status in the text format of Prometheus.")
    .option("--no-evaluate", "do not evaluate what the hosts should run")
    .option("--file <file>", "replace this file, in one step, rather than write to standard output")
    .action(async (_flags, command: Command) => {
      const { runMetrics } = await import("./run-metrics.ts");
      await runMetrics(command.optsWithGlobals(), context);
    });
}

function toSeconds(text: string): number {
  if (/^[1-9][0-9]{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("not a number of seconds");
}
