import { type Connection, connectionOf } from "@homelab-deploy/core";
import type { HostInputs } from "../definitions/host.ts";
import type { ProviderConfig } from "../definitions/provider-config.ts";
import type { Deployer } from "./deployer.ts";

/** What operations on hosts work with: verbs for hosts, and the provider's configuration. */
export interface HostContext {
  readonly deployer: Deployer;
  readonly config: ProviderConfig;
  /** File that holds the configured private key; made when first asked for. */
  readonly identityFile: () => string | undefined;
  /** File that holds the configured signing key; made when first asked for. */
  readonly signingKeyFile?: (() => string | undefined) | undefined;
}

export function reach(context: HostContext, host: string, inputs: Partial<HostInputs>): Connection {
  return connectionOf(host, inputs, context.config, context.identityFile);
}
