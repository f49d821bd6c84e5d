import { DeployError, hostHistory } from "@homelab-deploy/core";
import { Command } from "commander";
import { toHostName, toNumber } from "../host/arguments.ts";
import { addConnectionOptions, connectionFrom } from "../host/connection-options.ts";
import { describeDeployment } from "../host/describe.ts";
import { addNatsOptions, natsConnectionFrom } from "../nats/connection-options.ts";
import type { CommandContext } from "../surroundings.ts";
import { toSince } from "./since.ts";

/** Adds `history`: what was deployed, as one host remembers it, or as a NATS server has kept it of all. */
export function addHistoryCommand(program: Command, context: CommandContext): void {
  const { stdout, signal } = context;
  const history = program
    .command("history")
    .description("Tell the deployments of a host, or over NATS of all hosts, the newest first.")
    .argument("[host]", "name of the host; with --fleet, only its deployments", toHostName)
    .option("--count <number>", "how many at most", toNumber, 20)
    .option("--fleet", "tell what the NATS server has kept, of all hosts")
    .option(
      "--since <time>",
      "with --fleet, only what began since then: 2026-01-31, 2026-01-31T12:00 (UTC), or how long ago: 90m, 30d",
      toSince,
    )
    .option("--tier <tier>", "with --fleet, only hosts of this tier; an admin has to name one");
  addNatsOptions(addConnectionOptions(history)).action(
    async (host: string | undefined, _flags, command: Command) => {
      const flags = command.optsWithGlobals();
      const json = flags.json === true;
      checkFlags(host, command);
      if (flags.fleet) {
        // NATS is loaded for what needs it alone.
        const { fleetHistory } = await import("./run-fleet.ts");
        const defaults = context.config.connection?.nats;
        const { count, since, tier = defaults?.tier } = flags;
        const connection = natsConnectionFrom(flags, defaults);
        return stdout(await fleetHistory(connection, { host, count, since, tier, json }, signal));
      }
      const name = host ?? "";
      const past = await hostHistory(name, connectionFrom(name, flags, context.config), flags.count, {
        signal,
      });
      const text = past.map((deployment) => `${describeDeployment(deployment)}\n`).join("");
      stdout(json ? `${JSON.stringify(past)}\n` : text);
    },
  );
}

// Flags of the one way to ask say nothing to the other.
const flagsOf = (give: (command: Command) => Command) => give(new Command()).options.map(({ long }) => long);
const ofOneHost = flagsOf(addConnectionOptions);
const ofFleet = ["--since", "--tier", ...flagsOf(addNatsOptions)];

function checkFlags(host: string | undefined, command: Command): void {
  const { fleet = false } = command.opts();
  if (!fleet && host === undefined) throw new DeployError("invalid-input", "name a host, or --fleet for all");
  const given = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === "cli")
    .find(({ long }) => (fleet ? ofOneHost : ofFleet).includes(long));
  if (given === undefined) return;
  const [reason, hint] = fleet
    ? ["is for a single host over SSH", undefined]
    : [
        "is for --fleet",
        "How a single host is reached over NATS stands in homelab-deploy.yaml: connection.nats.",
      ];
  throw new DeployError("invalid-input", `${given.long} ${reason}`, { hint });
}
