import { connectionSchema, goalSchema, rollbackSchema, sshConnectionSchema } from "@homelab-deploy/core";
import type { z } from "zod";
import { fleetHostSchema } from "../definitions/functions.ts";
import { buildOnSchema } from "../definitions/host.ts";
import { connectionDefaultsSchema, sshDefaultsSchema } from "../definitions/provider-config.ts";

/** Objects and enumerations have a name of their own in the Pulumi schema and in every SDK. */
export const namedTypes: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [goalSchema, "Goal"],
  [buildOnSchema, "BuildOn"],
  [sshConnectionSchema, "SshConnection"],
  [connectionSchema, "Connection"],
  [rollbackSchema, "RollbackPolicy"],
  [fleetHostSchema, "FleetHost"],
  [sshDefaultsSchema, "SshDefaults"],
  [connectionDefaultsSchema, "ConnectionDefaults"],
]);

/** What a named type is, where its definition does not say so itself. */
export const typeDescriptions: Readonly<Record<string, string>> = {
  Goal: "What becomes of a system on its host.",
  BuildOn: "Where a system is built.",
  SshConnection: "How to reach a host over SSH.",
  Connection: "How to reach a host: over SSH, or not at all because it is this machine.",
  RollbackPolicy: "How long a host waits before it puts back what ran before.",
  FleetHost: "A host as its source defines it; it can be given to a Host as it is.",
  SshDefaults: "What connections over SSH have in common.",
  ConnectionDefaults: "How to reach hosts that do not say otherwise.",
};
