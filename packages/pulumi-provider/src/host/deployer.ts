import type {
  DeploymentRequest,
  DeploymentResult,
  HostStatus,
  inspectHost,
  LeftDeployment,
  OnEvent,
  withdraw,
} from "@homelab-deploy/core";

/** What the resource needs of the world: the core library's verbs, or hosts that a test made up. */
export interface Deployer {
  deploy(
    request: DeploymentRequest,
    options: { readonly signal: AbortSignal; readonly onEvent: OnEvent },
  ): Promise<DeploymentResult | LeftDeployment>;
  inspectHost(...args: Parameters<typeof inspectHost>): Promise<HostStatus>;
  withdraw(...args: Parameters<typeof withdraw>): Promise<void>;
}
