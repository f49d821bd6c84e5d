import { type Connection, DeployError, sshConnectionSchema } from "@homelab-deploy/core";
import { type Command, Option } from "commander";

const { shape } = sshConnectionSchema;
const flags = [
  ["--address <address>", "host", shape.host],
  ["--port <port>", "port", shape.port],
  ["--user <user>", "user", shape.user],
  ["--identity-file <file>", "identityFile", shape.identityFile],
  ["--host-key <key>", "hostKey", shape.hostKey],
  ["--proxy-jump <jump>", "proxyJump", shape.proxyJump],
] as const;

/** Gives `command` the options with which a host is reached over SSH. */
export function addConnectionOptions(command: Command): Command {
  for (const [flag, , { description }] of flags) command.option(flag, description);
  return command;
}

/** The connection that the options of the command line tell; throws `invalid-input` with the option that is wrong. */
export function connectionFrom(options: Record<string, unknown>): Connection {
  const values = flags.flatMap(([flag, attribute, schema]) => {
    const value = options[new Option(flag).attributeName()];
    if (value === undefined) return [];
    const parsed = schema.safeParse(attribute === "port" ? Number(value) : value);
    if (parsed.success) return [[attribute, parsed.data]];
    const name = flag.split(" ")[0];
    throw new DeployError("invalid-input", `${name}: ${parsed.error.issues[0]?.message}`);
  });
  return { ssh: Object.fromEntries(values) };
}
