import { expect, test } from "vitest";
import { compareVersions } from "./on-path.ts";

test.each([
  ["3.249.0", "3.249.0", 0],
  ["3.259.0", "3.249.0", 1],
  ["3.99.0", "3.249.0", -1],
  ["2.18", "2.18.0", 0],
  ["2.26.3", "2.18", 1],
  ["2", "2.18", -1],
])("version %s against %s", (a, b, expected) => {
  expect(Math.sign(compareVersions(a, b))).toBe(expected);
});
