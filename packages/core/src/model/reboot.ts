import { z } from "zod";
import { durationSchema } from "./duration.ts";

/** When a host may be rebooted. */
export const rebootSchema = z.enum(["never", "when-needed"]);

/** How long a reboot may take. */
export const rebootTimeoutSchema = durationSchema;

export type Reboot = z.infer<typeof rebootSchema>;

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const day = `(?:${days.join("|")})`;
const time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
const pattern = new RegExp(`^(?:(${day}(?:,${day})*) )?(${time})-(${time})$`);

/** A span of the day in which reboots may happen, by the host's own clock: `02:00-04:00`, or `Sat,Sun 23:00-05:00`. */
export const rebootAtSchema = z.string().regex(pattern, {
  error: (issue) =>
    `not a span of the day: ${JSON.stringify(issue.input)} (write it as 02:00-04:00 or Sat,Sun 23:00-05:00)`,
});

/** Whether `clock`, such as `Sat 23:30`, is within the span; one over midnight belongs to the day on which it begins. */
export function isWithin(span: string, clock: string): boolean {
  const [, names, from = "", to = ""] = pattern.exec(span) ?? [];
  const [today = "", now = ""] = clock.split(" ");
  const yesterday = days[(days.indexOf(today) + 6) % 7] ?? "";
  const allowed = (name: string) => names === undefined || names.split(",").includes(name);
  if (from <= to) return allowed(today) && from <= now && now < to;
  return (allowed(today) && from <= now) || (allowed(yesterday) && now < to);
}
