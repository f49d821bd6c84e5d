import { Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { applyConfig, checkCommands } from "./apply-config.ts";
import type { Config } from "./schema.ts";

const list = (value: string, before: readonly string[] = []) => [...before, value];

/** The flags that `apply ARGS` has with the file. */
function flags(config: Config, ...args: string[]): unknown {
  const command = new Command("apply")
    .option("--tier <tier>")
    .option("--tag <tag>", "", list)
    .option("--parallel <number>", "", Number, 10)
    .addOption(new Option("--goal <goal>").choices(["switch", "boot"]))
    .option("--no-evaluate")
    .option("--watch [seconds]", "", Number)
    .exitOverride();
  command.hook("preAction", () => applyConfig({ file: "lab.yaml", config }, command));
  command.action(() => {}).parse(args, { from: "user" });
  return command.opts();
}

const apply = (values: Record<string, string | number | boolean | string[]>): Config => ({
  commands: { apply: values },
});

describe("flags of the configuration file", () => {
  it("stand for those that are not given", () =>
    expect(
      flags({
        tier: "prod",
        ...apply({ parallel: 4, goal: "boot", evaluate: false, tag: ["a", "b"], watch: true }),
      }),
    ).toEqual({
      tier: "prod",
      parallel: 4,
      goal: "boot",
      evaluate: false,
      tag: ["a", "b"],
      watch: true,
    }));

  it("give way to those that are given", () =>
    expect(
      flags(
        { tier: "prod", ...apply({ parallel: 4, tag: ["a"] }) },
        "--tier",
        "test",
        "--tag",
        "c",
        "--parallel",
        "10",
      ),
    ).toEqual({
      tier: "test",
      parallel: 10,
      tag: ["c"],
      evaluate: true,
    }));

  it.each([
    [{ paralel: 4 }, "lab.yaml: commands.apply.paralel: there is no such key; is parallel meant?"],
    [{ goal: "swtich" }, /^lab.yaml: commands.apply.goal: Allowed choices are switch, boot.*"swtich"$/],
    [{ evaluate: "no" }, 'lab.yaml: commands.apply.evaluate: not true or false: "no"'],
    [{ goal: true }, "lab.yaml: commands.apply.goal: not a value for this flag: true"],
  ])("%j: is refused, though flags say otherwise", (values, message) =>
    expect(() => flags(apply(values as Record<string, string>), "--goal", "boot")).toThrow(message),
  );

  it("are those of commands that there are", () =>
    expect(() =>
      checkCommands({ file: "lab.yaml", config: { commands: { aply: {} } } }, ["apply", "plan"]),
    ).toThrow("lab.yaml: commands.aply: there is no such key; is apply meant?"));
});
