import { z } from "zod";

// RFC 1123 labels, and the underscore that attribute names of NixOS hosts have in practice.
const pattern =
  /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*$/;

/** The name of a host: an attribute of `nixosConfigurations`, the Pulumi id, and the default address. */
export const hostNameSchema = z
  .string()
  .max(253)
  .regex(pattern, {
    error: (issue) =>
      `not a host name: ${JSON.stringify(issue.input)} (letters, digits, "-", "_" and "." between them)`,
  });

export function isHostName(text: string): boolean {
  return hostNameSchema.safeParse(text).success;
}
