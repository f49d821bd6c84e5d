import {
  DeployError,
  durationSchema,
  type FleetSource,
  fleetSourceSchema,
  hostNameSchema,
  natsDefaultsSchema,
  toMilliseconds,
} from "@homelab-deploy/core";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { z } from "zod";
import type { Config } from "../config/schema.ts";
import { addSshOptions, sshFrom } from "../host/connection-options.ts";
import { addNatsOptions, natsDefaultsFrom } from "../nats/connection-options.ts";
import type { FleetRequest } from "./request.ts";

export interface FleetFlags {
  readonly flake?: string;
  readonly overrideInput?: Readonly<Record<string, string>>;
  readonly name?: readonly string[];
  readonly tier?: string;
  readonly role?: string;
  readonly tag?: readonly string[];
  readonly parallel: number;
}

/** Gives `command` the options that say which hosts are meant, and how they are reached. */
export function addFleetOptions(command: Command): Command {
  command
    .optionsGroup("Which hosts:")
    .option(
      "--flake <reference>",
      "flake whose nixosConfigurations are the hosts (default: that of this directory)",
    )
    .option("--override-input <input=reference>", "input of the flake to replace; repeatable", toOverride)
    .option("--name <host>", "only this host; repeatable", toHostNames)
    .option("--tier <tier>", "only hosts of this tier")
    .option("--role <role>", "only hosts of this role")
    .option("--tag <tag>", "only hosts with this tag; repeatable, for those with all of them", toList)
    .optionsGroup("")
    .option("--parallel <number>", "how many hosts at the same time", toCount, 10);
  return addNatsOptions(addSshOptions(command));
}

/** The option with which commands that only look at hosts limit how long they wait for each. */
export function addTimeoutOption(command: Command): Command {
  return command.addOption(
    new Option("--timeout <duration>", "how long to wait for the answer of a host")
      .argParser(toDuration)
      .default(20_000, "20s"),
  );
}

/** What the options of the command line tell, and `config` where they do not. Throws `invalid-input` with the option that is wrong. */
export function fleetRequestFrom(flags: FleetFlags & Record<string, unknown>, config: Config): FleetRequest {
  const { name: names, tier, role, tag: tags, parallel } = flags;
  return {
    source: sourceFrom(flags, config),
    selection: { names, tier, role, tags },
    defaults: { connection: connectionFrom(flags, config), hosts: config.hosts },
    parallel,
  };
}

function sourceFrom({ flake, overrideInput }: FleetFlags, config: Config): FleetSource {
  const { file, impure } = config;
  const parsed = fleetSourceSchema.safeParse({
    ...(flake === undefined && file !== undefined ? { file } : { flake: flake ?? config.flake ?? "." }),
    overrideInputs: overrideInput ?? config.overrideInputs,
    impure,
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const flag = issue?.path[0] === "overrideInputs" ? "--override-input" : "--flake";
  const reason = issue?.code === "invalid_key" ? issue.issues[0]?.message : issue?.message;
  throw new DeployError("invalid-input", `${flag}: ${reason}`);
}

// Who names a server means hosts over NATS, and who names a login those over SSH, whatever is in the file.
function connectionFrom(flags: Record<string, unknown>, { connection }: Config) {
  const given = sshFrom(flags);
  const isSsh = Object.keys(given).length > 0;
  const merged = natsDefaultsFrom(flags as Record<string, string | undefined>, connection?.nats);
  const parsed = natsDefaultsSchema.safeParse(merged ?? {});
  if (!parsed.success) {
    throw new DeployError(
      "invalid-input",
      `--nats-url and what belongs to it: ${parsed.error.issues[0]?.message}`,
    );
  }
  const ssh = isSsh || (connection?.ssh !== undefined && flags.natsUrl === undefined);
  return {
    ...(ssh && { ssh: { ...connection?.ssh, ...given } }),
    ...(merged !== undefined && { nats: parsed.data }),
  };
}

function toOverride(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, input, reference] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (input === undefined || reference === undefined)
    throw new InvalidArgumentError("not <input>=<reference>");
  return { ...before, [input]: reference };
}

function toList(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function toHostNames(text: string, before: readonly string[] = []): string[] {
  return [...before, parseWith(hostNameSchema, text)];
}

function toCount(text: string): number {
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("not a number from 1 on");
}

function toDuration(text: string): number {
  return toMilliseconds(parseWith(durationSchema, text));
}

/** `text` as `schema` has it, for commander. */
export function parseWith<T>(schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? "not of the right form");
}
