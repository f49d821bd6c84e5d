import { DeployError, type FleetSource } from "@homelab-deploy/core";
import { checkProperties } from "../definitions/check.ts";
import { evaluateArgsShape, getFleetArgsShape } from "../definitions/functions.ts";
import type { ProviderConfig } from "../definitions/provider-config.ts";
import type { Call, CheckFailure, InvokeResult } from "../service.ts";
import { evaluateToken, getFleetToken } from "../tokens.ts";
import type { Properties } from "../values.ts";
import type { Evaluations, Hosts } from "./evaluations.ts";
import { toProperties } from "./fleet-properties.ts";
import { sourceOf } from "./source.ts";

export interface FunctionContext {
  readonly config: ProviderConfig;
  readonly evaluations: Evaluations;
}

/** Runs a function of the provider: both evaluate hosts, and differ in how hosts are chosen. */
export async function invokeFunction(
  token: string,
  args: Properties,
  context: FunctionContext,
  call: Call,
): Promise<InvokeResult> {
  switch (token) {
    case evaluateToken: {
      const { values, failures } = checkProperties(evaluateArgsShape, args, "evaluate");
      return evaluated(values, failures, context, (source) =>
        choose(context, source, values.hosts, {}, call),
      );
    }
    case getFleetToken: {
      const { values, failures } = checkProperties(getFleetArgsShape, args, "getFleet");
      const { names, tier, role, tags } = values;
      return evaluated(values, failures, context, (source) =>
        choose(context, source, names, { tier, role, tags }, call),
      );
    }
    default:
      throw new DeployError("invalid-input", `the provider has no function ${JSON.stringify(token)}`, {
        hint: `It has ${evaluateToken} and ${getFleetToken}.`,
      });
  }
}

type Criteria = { tier?: string | undefined; role?: string | undefined; tags?: string[] | undefined };

function choose(
  { evaluations }: FunctionContext,
  source: FleetSource,
  names: readonly string[] | undefined,
  criteria: Criteria,
  call: Call,
): Promise<Hosts> {
  const isOpen = Object.values(criteria).every((criterion) => criterion === undefined);
  if (names !== undefined && isOpen) return evaluations.hosts(source, names, call);
  return evaluations.select(source, { names, ...criteria }, call);
}

async function evaluated(
  given: Parameters<typeof sourceOf>[0],
  failures: CheckFailure[],
  { config }: FunctionContext,
  evaluate: (source: FleetSource) => Promise<Hosts>,
): Promise<InvokeResult> {
  const source = sourceOf(given, config);
  if (source === undefined) {
    failures.push({
      property: "flake",
      reason: "neither a flake nor a file is given, here or in the provider",
    });
  }
  if (source === undefined || failures.length > 0) return { result: {}, failures };
  const hosts = Object.entries(await evaluate(source));
  const properties = Object.fromEntries(hosts.map(([name, host]) => [name, toProperties(host)]));
  return { result: { hosts: properties }, failures };
}
