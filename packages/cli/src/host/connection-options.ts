import {
  type Connection,
  connectionOf,
  DeployError,
  type SshConnection,
  sshConnectionSchema,
} from "@homelab-deploy/core";
import { type Command, Option } from "commander";
import type { Config } from "../config/schema.ts";

const { shape } = sshConnectionSchema;
const flagsOfOne = [
  ["--address <address>", "host", shape.host],
  ["--host-key <key>", "hostKey", shape.hostKey],
] as const;
const flagsOfMany = [
  ["--port <port>", "port", shape.port],
  ["--user <user>", "user", shape.user],
  ["--identity-file <file>", "identityFile", shape.identityFile],
  ["--proxy-jump <jump>", "proxyJump", shape.proxyJump],
] as const;

/** Gives `command` the options with which a host is reached over SSH. */
export function addConnectionOptions(command: Command): Command {
  for (const [flag, , { description }] of flagsOfOne) command.option(flag, description);
  return addSshOptions(command);
}

/** The same for what several hosts can have in common. */
export function addSshOptions(command: Command): Command {
  command.optionsGroup("Over SSH:");
  for (const [flag, , { description }] of flagsOfMany) command.option(flag, description);
  return command.optionsGroup("");
}

/**
 * How `host` is reached: as the options of the command line tell, and `config` where they do not. Throws `invalid-input`
 * with the option that is wrong.
 */
export function connectionFrom(host: string, options: Record<string, unknown>, config: Config): Connection {
  const ssh = sshFrom(options);
  return connectionOf(host, Object.keys(ssh).length > 0 ? { connection: { ssh } } : {}, config);
}

/** What the options of the command line tell of connections over SSH; throws `invalid-input` with the option that is wrong. */
export function sshFrom(options: Record<string, unknown>): SshConnection {
  const values = [...flagsOfOne, ...flagsOfMany].flatMap(([flag, attribute, schema]) => {
    const value = options[new Option(flag).attributeName()];
    if (value === undefined) return [];
    const parsed = schema.safeParse(attribute === "port" ? Number(value) : value);
    if (parsed.success) return [[attribute, parsed.data]];
    const name = flag.split(" ")[0];
    throw new DeployError("invalid-input", `${name}: ${parsed.error.issues[0]?.message}`);
  });
  return Object.fromEntries(values);
}
