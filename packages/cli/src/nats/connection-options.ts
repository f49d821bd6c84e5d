import {
  DeployError,
  type NatsConnection,
  type NatsHostConnection,
  natsConnectionSchema,
} from "@homelab-deploy/core";
import type { Command } from "commander";

/** Gives `command` the options with which a NATS server is reached. */
export function addNatsOptions(command: Command): Command {
  return command
    .optionsGroup("Over NATS:")
    .option("--nats-url <url>", "URL of the NATS server; several, with commas, for a cluster")
    .option("--nkey-file <file>", "file with the NKey seed to log in with")
    .option("--credentials-file <file>", "credentials file (.creds) to log in with, instead of an NKey")
    .option("--tls-ca-file <file>", "file with the certificates that sign the server's")
    .option("--tls-cert-file <file>", "file with the certificate to show to the server")
    .option("--tls-key-file <file>", "file with the private key of that certificate")
    .optionsGroup("");
}

type Flags = Readonly<Record<string, string | undefined>>;

/**
 * The connection that the options of the command line tell, and `defaults` where they do not; throws `invalid-input` with
 * the option that is wrong.
 */
export function natsConnectionFrom(options: Flags, defaults: NatsHostConnection = {}): NatsConnection {
  const { tier: _tier, host: _host, ...connection } = natsDefaultsFrom(options, defaults) ?? {};
  if (connection.url === undefined) {
    throw new DeployError("invalid-input", "--nats-url is missing: there is no server to connect to");
  }
  if (connection.nkeyFile === undefined && connection.credentialsFile === undefined) {
    throw new DeployError("invalid-input", "neither --nkey-file nor --credentials-file says who logs in");
  }
  const parsed = natsConnectionSchema.safeParse(connection);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DeployError("invalid-input", `${flagOf(issue?.path ?? [])}${messageOf(issue)}`);
}

/** The same for hosts, of which not everything has to be known; nothing when neither says anything. */
export function natsDefaultsFrom(
  options: Flags,
  defaults?: NatsHostConnection,
): NatsHostConnection | undefined {
  const { natsUrl, nkeyFile, credentialsFile, tlsCaFile, tlsCertFile, tlsKeyFile } = options;
  const tls = present({ caFile: tlsCaFile, certFile: tlsCertFile, keyFile: tlsKeyFile });
  const urls = natsUrl?.split(",").map((url) => url.trim());
  const user = present({ nkeyFile, credentialsFile });
  const { nkeyFile: _nkey, credentialsFile: _credentials, ...others } = defaults ?? {};
  const connection = {
    // The user is one as a whole.
    ...(Object.keys(user).length > 0 ? others : defaults),
    ...(urls && { url: urls.length === 1 ? urls[0] : urls }),
    ...user,
    ...(Object.keys(tls).length > 0 && { tls }),
  };
  return Object.keys(connection).length > 0 ? (connection as NatsHostConnection) : undefined;
}
function present(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function flagOf(path: readonly PropertyKey[]): string {
  const [first, second] = path;
  if (first === "url") return "--nats-url: ";
  if (first === undefined) return "";
  const words = first === "tls" ? `tls-${String(second)}` : String(first);
  return `--${words.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: `;
}

// Of a union, what the first alternative says: one URL is the common case.
function messageOf(
  issue: { message: string; code?: string; errors?: { message: string }[][] } | undefined,
): string {
  return (
    issue?.errors?.flat().find(({ message }) => message.startsWith("not the URL"))?.message ??
    issue?.message ??
    ""
  );
}
