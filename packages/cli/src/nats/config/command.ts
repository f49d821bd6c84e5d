import type { Command } from "commander";
import type { Surroundings } from "../../surroundings.ts";
import { addNatsOptions, natsConnectionFrom } from "../connection-options.ts";

/** Adds `nats-config`: the configuration of the NATS server, and the stores in it. */
export function addNatsConfigCommand(program: Command, { stdout, stderr, signal }: Surroundings): void {
  const described = (command: Command) =>
    command
      .argument("<file>", "YAML file that describes the server and its users")
      .option("--flake <reference>", "take further hosts, with tier and role, from this flake");

  const config = described(program.command("nats-config"))
    .description(
      "Write the configuration of a NATS server to standard output: who may publish and subscribe to what, and no more.",
    )
    .option(
      "--generate-keys <directory>",
      "make the missing keys, as files in this directory; seeds are never shown",
    )
    .action(async (file: string, options, command: Command) => {
      // NATS is loaded for what needs it alone.
      const { describe, writeConfig } = await import("./actions.ts");
      const onMade = (made: string) => stderr(`Made the key ${made}.\n`);
      const description = await describe(file, options.flake, signal);
      const written = await writeConfig(description, options.generateKeys, onMade);
      stdout(command.optsWithGlobals().json ? `${JSON.stringify(written)}\n` : written.config);
    });

  addNatsOptions(described(config.command("apply")))
    .description(
      "Make the buckets and the stream of each tier on the server, as an admin; leave alone what is there.",
    )
    .action(async (file: string, _options, command: Command) => {
      const { applyStores, describe } = await import("./actions.ts");
      const flags = command.optsWithGlobals();
      const description = await describe(file, flags.flake, signal);
      const made = await applyStores(description, natsConnectionFrom(flags), signal);
      const lines = Object.entries(made).map(
        ([tier, stores]) => `${tier}: ${stores.join(", ") || "all there"}\n`,
      );
      stdout(flags.json ? `${JSON.stringify(made)}\n` : lines.join(""));
    });
}
