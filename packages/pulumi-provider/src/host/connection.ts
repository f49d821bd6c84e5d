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
  if (inputs.connection?.local !== undefined) return inputs.connection;
  const own = { ...config.connection?.ssh, ...config.hosts?.[host], ...inputs.connection?.ssh };
  const identity = own.identityFile ?? identityFile();
  return { ssh: { host, ...own, ...(identity !== undefined && { identityFile: identity }) } };
}
