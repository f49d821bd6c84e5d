export { evaluate, evaluateOutput, getFleet, getFleetOutput } from "./sdk/functions.ts";
export { Host } from "./sdk/host.ts";
export { Provider } from "./sdk/provider.ts";
export type {
  BuildOn,
  Connection,
  ConnectionArgs,
  ConnectionDefaults,
  ConnectionDefaultsArgs,
  EvaluateArgs,
  EvaluateOutputArgs,
  EvaluateResult,
  FleetHost,
  GetFleetArgs,
  GetFleetOutputArgs,
  GetFleetResult,
  Goal,
  HostArgs,
  HostState,
  ProviderArgs,
  RollbackPolicy,
  RollbackPolicyArgs,
  SshConnection,
  SshConnectionArgs,
  SshDefaults,
  SshDefaultsArgs,
} from "./sdk/types.ts";
