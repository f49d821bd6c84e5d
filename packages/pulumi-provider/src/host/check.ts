import { hostNameSchema } from "@homelab-deploy/core";
import { checkProperties } from "../definitions/check.ts";
import { evaluatedShape, hostInputsShape } from "../definitions/host.ts";
import type { ProviderConfig } from "../definitions/provider-config.ts";
import { markSecrets } from "../definitions/secrets.ts";
import type { Evaluations } from "../fleet/evaluations.ts";
import { toProperties } from "../fleet/fleet-properties.ts";
import { sourceOf } from "../fleet/source.ts";
import type { Call, CheckFailure, CheckRequest, CheckResult } from "../service.ts";
import { containsUnknown, type Properties, present, unknown } from "../values.ts";
import { defaultGoal } from "./inputs.ts";

export interface CheckContext {
  readonly config: ProviderConfig;
  readonly evaluations: Evaluations;
}

/**
 * Validates the inputs of a host and fills in its defaults. The engine checks one resource after another, so this does
 * no input or output, but for a host that comes without a toplevel: that one is evaluated.
 */
export async function checkHost(
  { address, news }: CheckRequest,
  context: CheckContext,
  call: Call,
): Promise<CheckResult> {
  const { name, ...given } = present(news);
  const inputs = markSecrets(hostInputsShape, { attribute: name ?? address.name, ...given });
  const { values, failures } = checkProperties(hostInputsShape, inputs, "a host");
  if (given.attribute === undefined && name === undefined) explainDefaultName(address.name, failures);
  if (values.flake !== undefined && values.file !== undefined) {
    failures.push({ property: "file", reason: "a host is defined by a flake or by a file, not by both" });
  }
  if (failures.length > 0) return { inputs, failures };
  const complete = isEvaluated(inputs) ? { inputs, failures } : await evaluate(inputs, values, context, call);
  return { ...complete, inputs: { goal: defaultGoal, ...complete.inputs } };
}

function explainDefaultName(name: string, failures: CheckFailure[]): void {
  if (hostNameSchema.safeParse(name).success) return;
  const index = failures.findIndex(({ property }) => property === "attribute");
  const reason = `the name of the resource, ${JSON.stringify(name)}, is no host name; give the host's as attribute`;
  failures.splice(index, 1, { property: "attribute", reason });
}

function isEvaluated({ toplevel, evaluationError }: Properties): boolean {
  return toplevel !== undefined || evaluationError !== undefined;
}

type Values = ReturnType<typeof checkProperties<typeof hostInputsShape>>["values"];

async function evaluate(
  inputs: Properties,
  values: Values,
  { config, evaluations }: CheckContext,
  call: Call,
): Promise<CheckResult> {
  const { attribute, flake, file, overrideInputs } = inputs;
  if ([attribute, flake, file, overrideInputs].some(containsUnknown)) {
    return { inputs: { ...inputs, toplevel: unknown }, failures: [] };
  }
  const source = sourceOf(values, config);
  if (source === undefined || values.attribute === undefined) {
    const reason = "a host needs a toplevel, or a flake or file (its own or the provider's) that defines it";
    return { inputs, failures: [{ property: "toplevel", reason }] };
  }
  const hosts = await evaluations.hosts(source, [values.attribute], call);
  const host = hosts[values.attribute];
  const evaluated = host === undefined ? {} : toProperties(host);
  const accepted = Object.entries(evaluated).filter(([key]) => Object.hasOwn(evaluatedShape, key));
  return { inputs: { ...Object.fromEntries(accepted), ...inputs }, failures: [] };
}
