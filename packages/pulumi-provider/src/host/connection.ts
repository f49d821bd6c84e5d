import type { Connection } from "@homelab-deploy/core";
import type { HostInputs } from "../definitions/host.ts";
import type { ProviderConfig } from "../definitions/provider-config.ts";

/**
 * How to reach `host`: what the resource says goes before what the provider's configuration says of this host, and
 * that before the defaults for all. `identityFile` is the file that holds the configured private key.
 */
export function connectionOf(
  host: string,
  inputs: Partial<HostInputs>,
  config: ProviderConfig,
  identityFile: () => string | undefined,
): Connection {
  const { connection = {} } = inputs;
  if (connection.local !== undefined) return connection;
  if (isOverNats(host, connection, config)) return { nats: natsOf(inputs, config) };
  const own = { ...config.connection?.ssh, ...config.hosts?.[host], ...connection.ssh };
  const identity = own.identityFile ?? identityFile();
  return { ssh: { host, ...own, ...(identity !== undefined && { identityFile: identity }) } };
}

function isOverNats(host: string, { ssh, nats }: Connection, config: ProviderConfig): boolean {
  if (ssh !== undefined || nats !== undefined) return nats !== undefined;
  if (config.hosts?.[host] !== undefined || config.connection?.ssh !== undefined) return false;
  return config.connection?.nats !== undefined;
}

// The user of a host is one as a whole.
function natsOf({ connection, tier }: Partial<HostInputs>, config: ProviderConfig): Connection["nats"] {
  const { nkeyFile, credentialsFile, ...defaults } = config.connection?.nats ?? {};
  const own = connection?.nats ?? {};
  const isUser = own.nkeyFile !== undefined || own.credentialsFile !== undefined;
  const user = isUser ? {} : { nkeyFile, credentialsFile };
  const merged = { ...defaults, ...(tier !== undefined && { tier }), ...user, ...own };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}
