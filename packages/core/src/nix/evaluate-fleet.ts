import { freemem } from "node:os";
import pLimit from "p-limit";
import { z } from "zod";
import { DeployError, explain, toDeployError } from "../errors.ts";
import { type Connection, connectionSchema } from "../model/connection.ts";
import { type Goal, goalSchema } from "../model/goal.ts";
import { type HealthCheck, healthCheckSchema } from "../model/health-check.ts";
import { isHostName } from "../model/host-name.ts";
import { type Reboot, rebootAtSchema, rebootSchema, rebootTimeoutSchema } from "../model/reboot.ts";
import { type RollbackPolicy, rollbackSchema } from "../model/rollback-policy.ts";
import type { StorePath } from "../model/store-path.ts";
import {
  type DeployMetadata,
  deployMetadataSchema,
  type EvaluatedHost,
  evaluatedHostSchema,
  evaluateHost,
  evaluateHostNames,
  evaluateMetadata,
  hostNamesSchema,
} from "./evaluate.ts";
import { cached, derivationExists } from "./evaluation-cache.ts";
import { flakeMetadata } from "./flake-metadata.ts";
import type { FleetSource } from "./fleet-source.ts";
import { evaluationParallelism } from "./nix-command.ts";
import { nixVersion } from "./nix-version.ts";

/** Which hosts of a source are meant; every given criterion must hold. `tags`: all of them. */
export interface FleetSelection {
  readonly names?: readonly string[] | undefined;
  readonly tier?: string | undefined;
  readonly role?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** A host as its source defines it. Where systems are evaluated, either `toplevel` and `derivation` are there, or `evaluationError` is. */
export interface FleetHost {
  readonly name: string;
  readonly toplevel?: StorePath;
  readonly derivation?: StorePath;
  /** Platform, such as `x86_64-linux`. */
  readonly system?: string;
  readonly tier?: string;
  readonly role?: string;
  readonly tags?: readonly string[];
  readonly connection?: Connection;
  readonly goal?: Goal;
  readonly rollback?: RollbackPolicy;
  readonly healthChecks?: readonly HealthCheck[];
  readonly reboot?: Reboot;
  readonly rebootAt?: string;
  readonly rebootTimeout?: string;
  readonly buildOn?: "local" | "target";
  /** Git revision of the source; of a changed working tree, with `-dirty`. */
  readonly revision?: string;
  /** Why the host does not evaluate: Nix's message and position. */
  readonly evaluationError?: string;
}

export interface Fleet {
  readonly hosts: Readonly<Record<string, FleetHost>>;
}

export interface EvaluateFleetOptions {
  readonly signal: AbortSignal;
  /** Called before a host is really evaluated, and never for one whose result was in the cache. */
  readonly onEvaluate?: (host: string) => void;
  /** Called with a sentence about each part of the definitions that has no effect here. */
  readonly onNote?: (note: string) => void;
  /** Whether only what hosts say of themselves is wanted, and not their systems: 0.2 s a host in place of 3 s. Default: false. */
  readonly withoutSystems?: boolean | undefined;
}

/**
 * Evaluates the selected hosts of `source`, several side by side. A host that fails does so alone, in its
 * `evaluationError`. Throws `evaluation-failed` when the source itself cannot be read. Pure evaluations are cached by
 * the identity of the flake's source, so that an unchanged source is evaluated once.
 */
export async function evaluateFleet(
  source: FleetSource,
  selection: FleetSelection,
  options: EvaluateFleetOptions,
): Promise<Fleet> {
  const { signal } = options;
  const memory = await openMemory(source, signal);
  const limit = pLimit(evaluationParallelism(freemem()));
  const told = <T extends { notes: readonly string[] }>(found: T): T => {
    for (const note of found.notes) options.onNote?.(note);
    return found;
  };
  const allNames = async () =>
    told(await memory.remember(["names"], hostNamesSchema, () => evaluateHostNames(source, signal))).names;
  const names = selection.names ?? (await allNames());

  const evaluateOne = async (name: string): Promise<FleetHost | undefined> => {
    try {
      if (!isHostName(name))
        throw new DeployError("invalid-input", `not a host name: ${JSON.stringify(name)}`);
      if (options.withoutSystems || needsMetadata(selection)) {
        const metadata = await memory.remember(["metadata", name], deployMetadataSchema, () =>
          limit(() => evaluateMetadata(source, name, signal)),
        );
        if (!isSelected(metadata, selection)) return undefined;
        if (options.withoutSystems) return { name, ...toDefinition(metadata, memory.revision) };
      }
      const make = () =>
        limit(() => {
          options.onEvaluate?.(name);
          return evaluateHost(source, name, signal);
        });
      const host = await memory.remember(["host", name], evaluatedHostSchema, make, derivationExists);
      return toFleetHost(name, told(host), memory.revision);
    } catch (error) {
      signal.throwIfAborted();
      return {
        name,
        evaluationError: explain(toDeployError(error, "evaluation-failed")),
      };
    }
  };
  const hosts = (await Promise.all(names.map(evaluateOne))).filter((host) => host !== undefined);
  return { hosts: Object.fromEntries(hosts.map((host) => [host.name, host])) };
}

interface Memory {
  readonly revision: string | undefined;
  readonly remember: typeof cached;
}

async function openMemory(source: FleetSource, signal: AbortSignal): Promise<Memory> {
  const { flake } = source;
  if (flake === undefined) return { revision: undefined, remember: makeAnew };
  const [metadata, version] = await Promise.all([
    flakeMetadata({ ...source, flake }, signal),
    nixVersion(signal),
  ]);
  const { identity, revision } = metadata;
  if (source.impure) return { revision, remember: makeAnew };
  return { revision, remember: (key, ...rest) => cached([identity, version, key], ...rest) };
}

// What is not a function of the flake alone cannot be known again.
const makeAnew: Memory["remember"] = (_key, _schema, make) => make();

function needsMetadata(selection: FleetSelection): boolean {
  return selection.tier !== undefined || selection.role !== undefined || (selection.tags ?? []).length > 0;
}

function isSelected(metadata: DeployMetadata, { tier, role, tags }: FleetSelection): boolean {
  if (tier !== undefined && metadata.tier !== tier) return false;
  if (role !== undefined && metadata.role !== role) return false;
  return (tags ?? []).every((tag) => metadata.tags?.includes(tag));
}

function toFleetHost(
  name: string,
  { toplevel, derivation, system, deploy }: EvaluatedHost,
  revision: string | undefined,
): FleetHost {
  return { name, toplevel, derivation, system, ...toDefinition(deploy, revision) };
}

/** What a host says of itself, and the revision that says so. */
function toDefinition(deploy: DeployMetadata, revision: string | undefined): Omit<FleetHost, "name"> {
  const { targetHost, port, user, hostKey } = deploy;
  const ssh = {
    ...withoutNulls({ host: targetHost, port, user, hostKey }),
    ...withoutNulls(deploy.connection?.ssh ?? {}),
  };
  const rollback = withoutNulls(deploy.rollback ?? {});
  return {
    ...withoutNulls({
      revision,
      tier: deploy.tier,
      role: deploy.role,
      tags: deploy.tags?.length ? deploy.tags : undefined,
      goal: goalSchema.nullish().parse(deploy.goal),
      buildOn: z.enum(["local", "target"]).nullish().parse(deploy.buildOn),
      rollback: Object.keys(rollback).length > 0 ? rollbackSchema.parse(rollback) : undefined,
      healthChecks: deploy.healthChecks?.length ? deploy.healthChecks.map(toHealthCheck) : undefined,
      reboot: rebootSchema.nullish().parse(deploy.reboot),
      rebootAt: rebootAtSchema.nullish().parse(deploy.rebootAt),
      rebootTimeout: rebootTimeoutSchema.nullish().parse(deploy.rebootTimeout),
    }),
    ...(Object.keys(ssh).length > 0 && { connection: connectionSchema.parse({ ssh }) }),
  };
}

// What runs on this machine is for the program to say: to evaluate and deploy a source must not run it here.
function toHealthCheck(value: unknown): HealthCheck {
  const { data: check, error } = healthCheckSchema.safeParse(withoutNullsInside(value));
  if (error !== undefined) {
    const reason = `a health check in homelab.deploy.healthChecks is wrong: ${z.prettifyError(error)}`;
    throw new DeployError("invalid-input", reason, { cause: error });
  }
  if (check.command?.on !== "controller") return check;
  throw new DeployError(
    "invalid-input",
    "homelab.deploy.healthChecks has a command for the controller; only the program can give one",
  );
}

function withoutNullsInside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNullsInside);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(withoutNulls(value)).map(([key, inside]) => [key, withoutNullsInside(inside)]),
  );
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };

function withoutNulls<T extends object>(object: T): Present<T> {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  ) as Present<T>;
}
