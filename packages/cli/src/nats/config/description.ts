import { DeployError, sizeSchema } from "@homelab-deploy/core";
import { publicKeySchema } from "@homelab-deploy/core/nats";
import { parse } from "yaml";
import { z } from "zod";

// Parts of subjects. What the protocol itself uses would be mistaken for a name.
const name = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/, {
    error: (issue) =>
      `not a name over NATS: ${JSON.stringify(issue.input)} (letters, digits, and - or _ between them)`,
  })
  .refine((text) => !["all", "role", "responses", "discover"].includes(text), {
    error: (issue) => `a word of the protocol, and no name: ${JSON.stringify(issue.input)}`,
  });
const file = z.string().regex(/^\/[^"\\\p{Cc}]*$/u, {
  error: (issue) => `not an absolute path without quotes and backslashes: ${JSON.stringify(issue.input)}`,
});
const user = z.strictObject({ key: publicKeySchema.optional() });
// `alice:` alone is enough for somebody whose key is made.
const bare = user.nullable().transform((value) => value ?? {});
const host = user.extend({ tier: name, role: name.optional() });

/** Who uses a NATS server, and how it runs. Keys are public ones. */
export const descriptionSchema = z.strictObject({
  listen: z
    .string()
    .regex(/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}$/, {
      error: (issue) => `not an address and a port: ${JSON.stringify(issue.input)} (such as 0.0.0.0:4222)`,
    })
    .default("0.0.0.0:4222"),
  /** `caFile`: clients have to show a certificate that it signed. */
  tls: z.strictObject({ certFile: file, keyFile: file, caFile: file.optional() }).optional(),
  jetstream: z
    .strictObject({ directory: file.default("/var/lib/nats/jetstream"), maxStorage: sizeSchema.optional() })
    .optional(),
  hosts: z.record(name, host).default({}),
  /** `version0`: runs programs of protocol version 0, which take answers anywhere below `deploy.responses`. */
  deployers: z.record(name, user.extend({ tier: name, version0: z.boolean().default(false) })).default({}),
  /** MCP servers: they deploy to tier test, and look. */
  assistants: z.record(name, bare).default({}),
  admins: z.record(name, bare).default({}),
});

export type Description = z.infer<typeof descriptionSchema>;
export type HostDescription = z.infer<typeof host>;

/** Parses a description in YAML that is called `where`; throws `invalid-input` with the place that is wrong. */
export function parseDescription(text: string, where: string): Description {
  const parsed = descriptionSchema.safeParse(parseYaml(text, where) ?? {});
  if (parsed.success) return parsed.data;
  throw invalid(`${where}: `, parsed.error);
}

/** The first thing that is wrong, and its place. */
export function invalid(where: string, error: z.ZodError): DeployError {
  const [issue] = error.issues;
  const reason = issue?.code === "invalid_key" ? issue.issues[0]?.message : issue?.message;
  const path = issue?.path.length ? `${issue.path.join(".")}: ` : "";
  return new DeployError("invalid-input", `${where}${path}${reason}`, { cause: error });
}

function parseYaml(text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new DeployError("invalid-input", `${where}: ${reason}`, { cause: error });
  }
}
