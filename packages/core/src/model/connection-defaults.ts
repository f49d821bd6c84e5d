import { z } from "zod";
import {
  type Connection,
  natsHostConnectionSchema,
  type SshConnection,
  sshConnectionSchema,
} from "./connection.ts";

/** What connections over SSH have in common. */
export const sshDefaultsSchema = sshConnectionSchema.omit({ host: true, hostKey: true });

const { host: _ofOneHost, ...natsDefaults } = natsHostConnectionSchema.shape;

/** What connections over NATS have in common. */
export const natsDefaultsSchema = z.strictObject(natsDefaults);

export const connectionDefaultsSchema = z.strictObject({
  ssh: sshDefaultsSchema.optional().describe("Over SSH."),
  nats: natsDefaultsSchema
    .optional()
    .describe(
      "Over NATS: for hosts that ask for it, and for all that do not say how they are reached when `ssh` is not here.",
    ),
});

/** How hosts are reached, wherever they do not say otherwise themselves. */
export interface ConnectionDefaults {
  /** All of them. */
  readonly connection?: z.infer<typeof connectionDefaultsSchema> | undefined;
  /** Single ones over SSH, by name. */
  readonly hosts?: Readonly<Record<string, SshConnection>> | undefined;
}

/** What a host says of itself. */
export interface Reachable {
  readonly connection?: Connection | undefined;
  readonly tier?: string | undefined;
}

/**
 * How to reach the host `name`: what it says itself goes before the defaults for this host, and those before the ones for
 * all. `identityFile` gives the file with the private key where no other is named.
 */
export function connectionOf(
  name: string,
  own: Reachable,
  defaults: ConnectionDefaults,
  identityFile: () => string | undefined = () => undefined,
): Connection {
  const { connection = {} } = own;
  if (connection.local !== undefined) return connection;
  if (isOverNats(name, connection, defaults)) return { nats: natsOf(own, defaults) };
  const ssh = { ...defaults.connection?.ssh, ...defaults.hosts?.[name], ...connection.ssh };
  const identity = ssh.identityFile ?? identityFile();
  return { ssh: { host: name, ...ssh, ...(identity !== undefined && { identityFile: identity }) } };
}

function isOverNats(name: string, { ssh, nats }: Connection, defaults: ConnectionDefaults): boolean {
  if (ssh !== undefined || nats !== undefined) return nats !== undefined;
  if (defaults.hosts?.[name] !== undefined || defaults.connection?.ssh !== undefined) return false;
  return defaults.connection?.nats !== undefined;
}

// The user of a host is one as a whole.
function natsOf({ connection, tier }: Reachable, defaults: ConnectionDefaults): Connection["nats"] {
  const { nkeyFile, credentialsFile, ...others } = defaults.connection?.nats ?? {};
  const own = connection?.nats ?? {};
  const isUser = own.nkeyFile !== undefined || own.credentialsFile !== undefined;
  const user = isUser ? {} : { nkeyFile, credentialsFile };
  const merged = { ...others, ...(tier !== undefined && { tier }), ...user, ...own };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}
