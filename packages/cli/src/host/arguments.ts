import { hostNameSchema } from "@homelab-deploy/core";
import { InvalidArgumentError } from "commander";

/** A host's name on the command line. */
export function toHostName(text: string): string {
  const parsed = hostNameSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? "not a host name");
}

/** A number on the command line. */
export function toNumber(text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("not a number");
}
