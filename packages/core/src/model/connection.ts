import { z } from "zod";
import { hostNameSchema } from "./host-name.ts";
import { natsConnectionSchema } from "./nats-connection.ts";

// Values end up in a configuration file of ssh(1), one per line: no line ends, quotes or leading dashes.
const word = /^[A-Za-z0-9_.][A-Za-z0-9_.@:+-]*$/;
const ipv6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9]+)?$/;
const filePath = /^(?:\/|~\/|\.{0,2}\/|[A-Za-z0-9_])[^"\\\p{Cc}]*$/u;
const jump = /^[A-Za-z0-9_.[][A-Za-z0-9_.@:,%[\]-]*$/;
const publicKey = /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}$/;

const refuse = (what: string) => ({
  error: (issue: { input?: unknown }) => `not ${what}: ${JSON.stringify(issue.input)}`,
});

/** A name or an IP address of a machine. */
export const addressSchema = z.union(
  [hostNameSchema, z.string().regex(ipv6)],
  refuse("a host name or an IP address"),
);

/** How to reach a host over SSH. */
export const sshConnectionSchema = z.strictObject({
  host: addressSchema
    .optional()
    .describe(
      "Name or address of the host. Default: the name of the host. An alias of `~/.ssh/config` works.",
    ),
  port: z
    .int()
    .min(1)
    .max(65535)
    .optional()
    .describe("TCP port of the SSH server. Default: what ssh would use, 22."),
  user: z
    .string()
    .regex(word, refuse("a user name"))
    .optional()
    .describe("Login on the host: root, a user with `sudo`, or one that may only deploy. Default: `root`."),
  identityFile: z
    .string()
    .regex(filePath, refuse("a file path without quotes and backslashes"))
    .optional()
    .describe("Private key file. Default: what ssh would use (agent, `~/.ssh/config`)."),
  hostKey: z
    .string()
    .regex(publicKey, refuse("a public key such as `ssh-ed25519 AAAA…`"))
    .optional()
    .describe(
      "Public key that the host must show. Default: the key in the known hosts file; an unknown key is refused.",
    ),
  proxyJump: z
    .string()
    .regex(jump, refuse("a jump host such as `user@host:port`"))
    .optional()
    .describe("Jump host, as for `ssh -J`."),
  sudo: z
    .boolean()
    .optional()
    .describe("Whether to become root with `sudo` on the host. Default: true for every user but root."),
  sudoPassword: z
    .string()
    .regex(/^\P{Cc}{1,1024}$/u, { error: "not a password: it holds a line end, or is empty or too long" })
    .optional()
    .meta({ secret: true })
    .describe(
      "Password that `sudo` asks the user for on the host. Written to its standard input alone, and only when it asks. " +
        "Default: none; the user needs none, or may only deploy (`homelab.users.deploy`).",
    ),
});

const token = z.string().regex(/^[A-Za-z0-9_-]{1,63}$/, refuse("one part of a NATS subject"));
const { url, ...user } = natsConnectionSchema.shape;

/** How to reach a host over NATS, by its listener. What lacks here has to be said by somebody else. */
export const natsHostConnectionSchema = z
  .strictObject({
    url: url.optional(),
    ...user,
    tier: token.optional().describe("Tier that the listener was given. Default: the tier of the host."),
    host: token
      .optional()
      .describe("Name that the listener was given. Default: the name of the host, which then has no dots."),
    whenOff: z
      .enum(["fail", "pending"])
      .optional()
      .describe(
        "What becomes of a deployment whose host is off: `fail`, or `pending`, with which the NATS server keeps the system, " +
          "and the host gets it when it is back, under guard, with the health checks that run on the host. Default: `fail`.",
      ),
  })
  .refine(({ nkeyFile, credentialsFile }) => nkeyFile === undefined || credentialsFile === undefined, {
    error: "a user has either an nkeyFile or a credentialsFile, not both",
  });

/** How to reach a host: over SSH, over NATS, or not at all because it is this machine. */
export const connectionSchema = z
  .strictObject({
    ssh: sshConnectionSchema.optional().describe("Over SSH."),
    nats: natsHostConnectionSchema.optional().describe("Over NATS, by the listener that runs on the host."),
    local: z.strictObject({}).optional().describe("This machine itself, as root."),
  })
  .refine((connection) => Object.values(connection).filter((way) => way !== undefined).length <= 1, {
    error: "a connection is one of ssh, nats and local",
  });

export type SshConnection = z.infer<typeof sshConnectionSchema>;
export type NatsHostConnection = z.infer<typeof natsHostConnectionSchema>;
export type Connection = z.infer<typeof connectionSchema>;
