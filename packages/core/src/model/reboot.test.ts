import { describe, expect, it } from "vitest";
import { isWithin, rebootAtSchema } from "./reboot.ts";

describe("a span of the day", () => {
  it.each([
    ["02:00-04:00", "Mon 02:00", true],
    ["02:00-04:00", "Mon 04:00", false],
    ["02:00-04:00", "Mon 12:00", false],
    ["23:00-05:00", "Mon 23:30", true],
    ["23:00-05:00", "Mon 04:59", true],
    ["23:00-05:00", "Mon 05:00", false],
    ["Sat,Sun 02:00-04:00", "Sun 03:00", true],
    ["Sat,Sun 02:00-04:00", "Mon 03:00", false],
    ["Sun 23:00-05:00", "Mon 04:00", true],
    ["Sun 23:00-05:00", "Sun 04:00", false],
    ["Sun 23:00-05:00", "Sun 23:00", true],
  ])("%s at %s: %s", (span, clock, expected) => expect(isWithin(span, clock)).toBe(expected));

  it.each(["2:00-4:00", "24:00-01:00", "02:00", "Sunday 02:00-04:00", "Sun 02:00-04:00; reboot"])(
    "is not %s",
    (text) =>
      expect(rebootAtSchema.safeParse(text).error?.issues[0]?.message).toContain("not a span of the day"),
  );
});
