import { z } from "zod";
import { storePathSchema } from "./store-path.ts";

/** One past or present deployment, as the host's own journal tells it. */
export const deploymentRecordSchema = z.object({
  id: z.string(),
  by: z.string(),
  goal: z.string(),
  from: z.string(),
  to: z.string(),
  /** Git revision that `to` comes from; empty when the controller did not say. */
  revision: z.string().default(""),
  /** Seconds since 1970, by the host's clock. */
  since: z.number(),
  /** The last phase that it came to. */
  phase: z.string().optional(),
  /** Absent while the deployment is under way. */
  outcome: z.string().optional(),
  reason: z.string().optional(),
});

export type DeploymentRecord = z.infer<typeof deploymentRecordSchema>;

/** A deployment with what the host told while it was under way, but for the output of the activation. */
export const pastDeploymentSchema = deploymentRecordSchema.extend({
  events: z.array(
    z.looseObject({
      type: z.string(),
      /** Seconds since 1970, by the host's clock. */
      time: z.number(),
      /** Seconds since the host was booted: these do not jump. */
      uptime: z.number(),
    }),
  ),
});

export type PastDeployment = z.infer<typeof pastDeploymentSchema>;

/** What a host says of itself in one round trip. */
export const hostStatusSchema = z.object({
  /** Version of the guard's protocol. */
  guard: z.number(),
  /** What else the guard can do; older guards do not say. */
  features: z.array(z.string()).default([]),
  /** Whether the host takes signed systems only, and runs no commands of its deployers. */
  restricted: z.boolean().default(false),
  hostname: z.string(),
  /** Toplevel behind /run/current-system. */
  running: storePathSchema,
  /** Toplevel behind /run/booted-system. */
  booted: storePathSchema.optional(),
  /** Toplevel that the boot loader starts next, where its configuration can be read; else the profile's. */
  bootDefault: storePathSchema.optional(),
  /** Toplevel of the system profile. */
  profile: storePathSchema.optional(),
  /** Number of the system profile's generation. */
  generation: z.number().optional(),
  generations: z.array(z.object({ number: z.number(), toplevel: z.string(), created: z.number() })),
  /** Whether kernel, initrd, modules or systemd of what runs, or of what boots next, differ from the booted ones. */
  rebootRequired: z.boolean(),
  bootId: z.string(),
  /** Day and time by the host's own clock, such as `Sat 23:30`. */
  clock: z.string().default(""),
  nixosVersion: z.string().optional(),
  failedUnits: z.array(z.string()),
  /** Bytes free in the file system of /nix/store. */
  freeBytes: z.number(),
  /** The deployment that is under way. */
  lock: deploymentRecordSchema.optional(),
  /** The newest deployments, newest first. */
  deployments: z.array(deploymentRecordSchema),
});

export type HostStatus = z.infer<typeof hostStatusSchema>;
