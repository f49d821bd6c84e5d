import { durationSchema, toMilliseconds } from "@homelab-deploy/core";
import { InvalidArgumentError } from "commander";

/** A time on the command line: a day or a minute of UTC, or as long ago as a duration is, which may be days. */
export function toSince(text: string): Date {
  const [, days] = /^([0-9]{1,5})d$/.exec(text) ?? [];
  const duration = days === undefined ? text : `${Number(days) * 24}h`;
  if (durationSchema.safeParse(duration).success) return after1970(Date.now() - toMilliseconds(duration));
  const [, day, time = "00:00"] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)Z?)?$/.exec(text) ?? [];
  const date = new Date(`${day}T${time}Z`);
  // The day after the last of a month is none, though a Date takes it for one.
  if (day !== undefined && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day))
    return after1970(date.getTime());
  throw new InvalidArgumentError(
    "not a time: write 2026-01-31, 2026-01-31T12:00, or how long ago, such as 90m or 30d",
  );
}

// Before that there are no times for a server.
function after1970(milliseconds: number): Date {
  return new Date(Math.max(0, milliseconds));
}
