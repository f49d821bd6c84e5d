import {
  cacheSchema,
  checkSideSchema,
  commandCheckSchema,
  connectionDefaultsSchema,
  connectionSchema,
  diskCheckSchema,
  goalSchema,
  healthCheckSchema,
  hooksSchema,
  httpCheckSchema,
  natsDefaultsSchema,
  natsHostConnectionSchema,
  natsTlsSchema,
  rebootSchema,
  rescueSchema,
  rollbackSchema,
  sshConnectionSchema,
  sshDefaultsSchema,
  systemdCheckSchema,
  tcpCheckSchema,
  unhealthySchema,
} from "@homelab-deploy/core";
import type { z } from "zod";
import { fleetHostSchema } from "../definitions/functions.ts";
import { buildOnSchema } from "../definitions/host.ts";

/** Objects and enumerations have a name of their own in the Pulumi schema and in every SDK. */
export const namedTypes: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [goalSchema, "Goal"],
  [buildOnSchema, "BuildOn"],
  [sshConnectionSchema, "SshConnection"],
  [natsTlsSchema, "NatsTls"],
  [natsHostConnectionSchema, "NatsConnection"],
  [connectionSchema, "Connection"],
  [unhealthySchema, "Unhealthy"],
  [rescueSchema, "Rescue"],
  [rollbackSchema, "RollbackPolicy"],
  [checkSideSchema, "CheckSide"],
  [systemdCheckSchema, "SystemdCheck"],
  [tcpCheckSchema, "TcpCheck"],
  [diskCheckSchema, "DiskCheck"],
  [httpCheckSchema, "HttpCheck"],
  [commandCheckSchema, "CommandCheck"],
  [healthCheckSchema, "HealthCheck"],
  [rebootSchema, "Reboot"],
  [hooksSchema, "Hooks"],
  [cacheSchema, "Cache"],
  [fleetHostSchema, "FleetHost"],
  [sshDefaultsSchema, "SshDefaults"],
  [natsDefaultsSchema, "NatsDefaults"],
  [connectionDefaultsSchema, "ConnectionDefaults"],
]);

/** What a named type is, where its definition does not say so itself. */
export const typeDescriptions: Readonly<Record<string, string>> = {
  Goal: "What becomes of a system on its host.",
  BuildOn: "Where a system is built.",
  SshConnection: "How to reach a host over SSH.",
  NatsTls: "Certificates of a connection to a NATS server.",
  NatsConnection: "How to reach a host over NATS, by the listener that runs on it.",
  Connection: "How to reach a host: over SSH, over NATS, or not at all because it is this machine.",
  Unhealthy: "What an unhealthy host means for its deployment.",
  Rescue: "What a host does when what ran before cannot be put back.",
  RollbackPolicy: "When a host puts back what ran before, and how long it waits before that.",
  CheckSide: "Which machine a health check looks from.",
  SystemdCheck: "Units are active on the host.",
  TcpCheck: "Something listens on a TCP port.",
  DiskCheck: "A file system of the host has space.",
  HttpCheck: "A URL answers, seen from the controller.",
  CommandCheck: "A command ends with exit status 0.",
  HealthCheck: "What must hold before a deployment is kept. Exactly one of its kinds is given.",
  Reboot: "When a host may be rebooted.",
  Hooks:
    "Commands that run on this machine: lines for sh, or lists of a program and its arguments. They find the deployment " +
    "in HOMELAB_HOOK, HOMELAB_HOST, HOMELAB_ADDRESS, HOMELAB_TOPLEVEL, HOMELAB_PREVIOUS, HOMELAB_GOAL, " +
    "HOMELAB_REVISION, HOMELAB_DEPLOYMENT, HOMELAB_STACK, HOMELAB_OUTCOME and HOMELAB_REASON.",
  Cache: "A binary cache that hosts get closures from.",
  FleetHost: "A host as its source defines it; it can be given to a Host as it is.",
  SshDefaults: "What connections over SSH have in common.",
  NatsDefaults: "What connections over NATS have in common.",
  ConnectionDefaults: "How to reach hosts that do not say otherwise.",
};
