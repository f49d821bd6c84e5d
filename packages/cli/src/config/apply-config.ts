import { DeployError } from "@homelab-deploy/core";
import type { Command, Option } from "commander";
import { unknownKey } from "./parse.ts";
import type { ConfigFile } from "./read.ts";

/** Gives `command` the flags that `config` holds for it, where the command line does not say otherwise. */
export function applyConfig({ config, file }: ConfigFile, command: Command): void {
  const tier = config.tier !== undefined && takes(command, "tier") && { tier: config.tier };
  for (const [key, value] of Object.entries({ ...tier, ...config.commands?.[command.name()] })) {
    const option = command.options.find((one) => one.attributeName() === key);
    const where = `${file}: commands.${command.name()}.${key}: `;
    if (option === undefined) {
      const known = command.options.map((one) => one.attributeName());
      throw new DeployError("invalid-input", where + unknownKey(key, known));
    }
    const parsed = parseValue(option, value, where);
    if ((command.getOptionValueSource(key) ?? "default") !== "default") continue;
    command.setOptionValueWithSource(key, parsed, "config");
  }
}

/** Throws `invalid-input` when `config` has flags for a command that is not among `known`. */
export function checkCommands({ config, file }: ConfigFile, known: readonly string[]): void {
  const other = Object.keys(config.commands ?? {}).find((name) => !known.includes(name));
  if (other === undefined) return;
  const reason = `${file}: commands.${other}: ${unknownKey(other, known)}`;
  throw new DeployError("invalid-input", reason);
}

function takes(command: Command, attribute: string): boolean {
  return command.options.some((option) => option.attributeName() === attribute);
}

function parseValue(option: Option, value: unknown, where: string): unknown {
  const refuse = (reason: string) =>
    new DeployError("invalid-input", `${where}${reason}: ${JSON.stringify(value)}`);
  if (option.isBoolean() || option.negate) {
    if (typeof value === "boolean") return value;
    throw refuse("not true or false");
  }
  if (value === true && option.optional) return true;
  if (typeof value === "boolean") throw refuse("not a value for this flag");
  const texts = Array.isArray(value) ? value : [value];
  let parsed: unknown;
  for (const text of texts) {
    try {
      parsed = option.parseArg === undefined ? text : option.parseArg(String(text), parsed);
    } catch (error) {
      throw refuse(error instanceof Error ? error.message : String(error));
    }
  }
  return parsed;
}
