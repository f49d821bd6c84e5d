import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate, type ConnectionOptions as TlsConnection } from "node:tls";
import type { ConnectionOptions, TlsOptions } from "nats";
import type { NatsConnection } from "../../model/nats-connection.ts";

/** What the client is told of TLS: nothing where the connection does not demand it. */
export function tlsOf({ url, tls }: NatsConnection): Pick<ConnectionOptions, "tls"> {
  const servers = [url].flat();
  if (tls === undefined && !servers.some((server) => server.startsWith("tls:"))) return {};
  const files = Object.entries(tls ?? {}).filter(([, file]) => file !== undefined);
  const hosts = servers.map((server) => new URL(server).hostname.replace(/^\[|\]$/g, ""));
  const hasAddress = hosts.some((host) => isIP(host) !== 0);
  const options: TlsOptions & Pick<TlsConnection, "checkServerIdentity"> = {
    ...Object.fromEntries(files),
    ...(hasAddress && { checkServerIdentity: checkHost(hosts) }),
  };
  return { tls: options };
}

// The client names no server that it reaches by address, and Node takes that for localhost.
function checkHost(hosts: readonly string[]) {
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (name: string, certificate: PeerCertificate): Error | undefined => {
    const wanted = hosts.includes(name) ? [name] : addresses;
    const errors = wanted.map((host) => checkServerIdentity(host, certificate));
    return errors.includes(undefined) ? undefined : errors[0];
  };
}
