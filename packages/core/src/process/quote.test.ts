import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { quoteCommand } from "./quote.ts";

const hostile = [
  "plain",
  "",
  "with space",
  "it's",
  '"double"',
  "$(touch /tmp/x)",
  "`id`",
  "-rf",
  "a\nb",
  "*",
  "~root",
  "a;b|c&d",
  "\\",
  "ünï",
  "!!",
];

describe("quoteCommand", () => {
  it.each(hostile)("hands %j to a shell unchanged", (argument) => {
    const command = quoteCommand(["printf", "%s", argument]);
    expect(execFileSync("/bin/sh", ["-c", command], { encoding: "utf8" })).toBe(argument);
  });

  it("refuses NUL, which no argument can hold", () => {
    expect(() => quoteCommand(["a\0b"])).toThrow(RangeError);
  });
});
