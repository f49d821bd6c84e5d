import type { Command } from "commander";
import type { Surroundings } from "../../surroundings.ts";

/** Adds `nats-config`: the configuration of the NATS server, and the stores in it. */
export function addNatsConfigCommand(program: Command, { stdout, stderr, signal }: Surroundings): void {
  program
    .command("nats-config")
    .description(
      "Write the configuration of a NATS server to standard output: who may publish and subscribe to what, and no more.",
    )
    .argument("<file>", "YAML file that describes the server and its users")
    .option("--flake <reference>", "take further hosts, with tier and role, from this flake")
    .option(
      "--generate-keys <directory>",
      "make the missing keys, as files in this directory; seeds are never shown",
    )
    .option("--apply", "instead, make the buckets and the stream of each tier on the server, as an admin")
    .option("--nats-url <url>", "for --apply: URL of the server")
    .option("--nkey-file <file>", "for --apply: file with the NKey seed of an admin")
    .option("--ca-file <file>", "for --apply: file with the certificates that sign the server's")
    .action(async (file: string, options, command: Command) => {
      // NATS is loaded for what needs it alone.
      const { applyStores, describe, writeConfig } = await import("./actions.ts");
      const { json } = command.optsWithGlobals();
      const description = await describe(file, options.flake, signal);
      if (options.apply === true) {
        const made = await applyStores(description, options, signal);
        const lines = Object.entries(made).map(
          ([tier, stores]) => `${tier}: ${stores.join(", ") || "all there"}\n`,
        );
        stdout(json ? `${JSON.stringify(made)}\n` : lines.join(""));
        return;
      }
      const onMade = (made: string) => stderr(`Made the key ${made}.\n`);
      const written = await writeConfig(description, options.generateKeys, onMade);
      stdout(json ? `${JSON.stringify(written)}\n` : written.config);
    });
}
