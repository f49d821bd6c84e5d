import type { Command } from "commander";
import { addNatsOptions, natsConnectionFrom } from "../nats/connection-options.ts";
import type { Surroundings } from "../surroundings.ts";

const list = (value: string, before: readonly string[] = []) => [...before, value];

/** Adds `listener`: what runs on every host, and deploys what is asked of it over NATS. */
export function addListenerCommand(program: Command, { stderr, signal }: Surroundings): void {
  addNatsOptions(program.command("listener"))
    .description("Run on a host: wait for deployments over NATS, and carry them out under guard.")
    .requiredOption("--hostname <name>", "name of this host: an attribute of the flake's nixosConfigurations")
    .requiredOption("--tier <tier>", "tier of this host: test or prod")
    .requiredOption(
      "--flake-url <url>",
      "Git flake that has this host, such as git+https://git.example.com/configs.git",
    )
    .option("--role <role>", "role of this host, for deployments to all hosts of a role")
    .option("--timeout <seconds>", "how long a deployment may take", "600")
    .option(
      "--deploy-subject <template>",
      "subject to take deployments on, with <hostname>, <tier>, <role>; repeatable " +
        "(default: deploy.<tier>.<hostname>, deploy.<tier>.all, deploy.<tier>.role.<role>)",
      list,
    )
    .option("--discover-subject <subject>", "subject to answer discovery on", "deploy.discover")
    .option(
      "--trusted-key <key>",
      "take only requests signed by the holder of this public NKey (U…); repeatable (default: all that the server lets through)",
      list,
    )
    .action(async (flags) => {
      const { runListener } = await import("./run.ts");
      const log = (line: string) => stderr(`${line.trimEnd().replaceAll("\n", "\n  ")}\n`);
      await runListener(natsConnectionFrom(flags), flags, { log, signal });
    });
}
