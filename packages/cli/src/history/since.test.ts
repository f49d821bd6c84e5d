import { describe, expect, it } from "vitest";
import { toSince } from "./since.ts";

describe("a time on the command line", () => {
  it.each([
    ["2026-01-31", "2026-01-31T00:00:00.000Z"],
    ["2028-02-29", "2028-02-29T00:00:00.000Z"],
    ["2026-01-31T12:30", "2026-01-31T12:30:00.000Z"],
    ["2026-01-31T12:30:05Z", "2026-01-31T12:30:05.000Z"],
    ["2026-01-31 12:30:05", "2026-01-31T12:30:05.000Z"],
    ["0001-01-01", "1970-01-01T00:00:00.000Z"],
    ["999999999h", "1970-01-01T00:00:00.000Z"],
  ])("%s is %s", (text, expected) => expect(toSince(text).toISOString()).toBe(expected));

  it.each([
    ["90m", 90 * 60_000],
    ["30d", 30 * 24 * 3_600_000],
    ["1.5h", 1.5 * 3_600_000],
  ])("%s is as long ago", (text, milliseconds) => {
    const since = toSince(text).getTime();
    const passed = Date.now() - since;
    expect(passed).toBeGreaterThanOrEqual(milliseconds);
    expect(passed).toBeLessThan(milliseconds + 10_000);
  });

  it.each(["2026-02-30", "2026-13-01", "2026-01-31T25:00", "31.1.2026", "-1d", "yesterday", ""])(
    "%j is none",
    (text) => expect(() => toSince(text)).toThrow(/^not a time: write 2026-01-31/),
  );
});
