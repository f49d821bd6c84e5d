export { requireFeatures } from "./activation/features.ts";
export { guardScript } from "./activation/guard.ts";
export { type Activation, seeThrough } from "./deployment/activate.ts";
export { type Builder, createBuilder } from "./deployment/builder.ts";
export { deploy, deployTo } from "./deployment/deploy.ts";
export { deployOrLeave, type LeftDeployment, withdraw } from "./deployment/deploy-or-leave.ts";
export type { DeploymentEvent, OnEvent, Phase } from "./deployment/events.ts";
export { followHost } from "./deployment/follow-host.ts";
export { leftToItself } from "./deployment/outcome.ts";
export { isDeployed, type SeenHost, type Wanted } from "./deployment/plan.ts";
export { renderEvent } from "./deployment/render-event.ts";
export type { DeploymentRequest, DeploymentResult } from "./deployment/request.ts";
export { type RollbackRequest, rollBack } from "./deployment/rollback.ts";
export { throttle } from "./deployment/throttle.ts";
export { hostHistory, inspectHost } from "./deployment/with-host.ts";
export { DeployError, type ErrorCode, explain, isLostLink, toDeployError } from "./errors.ts";
export { openHost } from "./host/connect.ts";
export type { CopyOptions, CopyProgress, Host } from "./host/host.ts";
export { localHost } from "./host/local-host.ts";
export { MemoryHost } from "./host/memory-host.ts";
export { restartOwnService } from "./host/own-service.ts";
export type { ActivationRequest } from "./model/activation-request.ts";
export { type Cache, cacheSchema } from "./model/cache.ts";
export {
  type Connection,
  connectionSchema,
  type NatsHostConnection,
  natsHostConnectionSchema,
  type SshConnection,
  sshConnectionSchema,
} from "./model/connection.ts";
export {
  type ConnectionDefaults,
  connectionDefaultsSchema,
  connectionOf,
  natsDefaultsSchema,
  sshDefaultsSchema,
} from "./model/connection-defaults.ts";
export { durationSchema, toMilliseconds } from "./model/duration.ts";
export { activates, type Goal, goalSchema, persists } from "./model/goal.ts";
export type { GuardEvent, Outcome } from "./model/guard-event.ts";
export {
  checkSideSchema,
  commandCheckSchema,
  diskCheckSchema,
  type HealthCheck,
  healthCheckSchema,
  httpCheckSchema,
  systemdCheckSchema,
  tcpCheckSchema,
} from "./model/health-check.ts";
export { type HookContext, type Hooks, hookContextSchema, hooksSchema } from "./model/hooks.ts";
export { hostNameSchema, isHostName } from "./model/host-name.ts";
export {
  type DeploymentRecord,
  type HostStatus,
  hostStatusSchema,
  type PastDeployment,
} from "./model/host-status.ts";
export { type NatsConnection, natsConnectionSchema, natsTlsSchema } from "./model/nats-connection.ts";
export { type Reboot, rebootAtSchema, rebootSchema, rebootTimeoutSchema } from "./model/reboot.ts";
export { revisionSchema } from "./model/revision.ts";
export {
  type RollbackPolicy,
  rescueSchema,
  rollbackSchema,
  unhealthySchema,
} from "./model/rollback-policy.ts";
export { nextKeyName, signingKeyNameSchema, signingKeySchema } from "./model/signing-key.ts";
export { sizeSchema, toBytes } from "./model/size.ts";
export { isStorePath, parseStorePath, type StorePath, storePathSchema } from "./model/store-path.ts";
export {
  type EvaluateFleetOptions,
  evaluateFleet,
  type Fleet,
  type FleetHost,
  type FleetSelection,
} from "./nix/evaluate-fleet.ts";
export { flakeAt, lockFlake } from "./nix/flake-revision.ts";
export { type FleetSource, fleetSourceSchema } from "./nix/fleet-source.ts";
export { generateSigningKey, publicKeyOf } from "./nix/sign.ts";
