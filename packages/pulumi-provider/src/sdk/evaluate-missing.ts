import { type Inputs, output } from "@pulumi/pulumi/output.js";
import type { CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import { evaluate } from "./functions.ts";
import { type EvaluateArgs, evaluatedKeys, type FleetHost, type HostArgs } from "./types.ts";

type Source = Pick<EvaluateArgs, "flake" | "file" | "overrideInputs">;

/** The inputs of a host, completed from its source when they come without a toplevel. */
export function evaluateMissing(name: string, args: HostArgs, options: CustomResourceOptions): Inputs {
  if (args.toplevel !== undefined || args.evaluationError !== undefined) return { ...args };
  const { flake, file, overrideInputs, attribute = args.name ?? name } = args;
  const evaluated = output({ source: { flake, file, overrideInputs }, attribute }).apply((known) =>
    evaluateTogether(known.source, known.attribute, options),
  );
  const completed: Inputs = { ...args };
  for (const key of evaluatedKeys) completed[key] = args[key] ?? evaluated.apply((host) => host[key]);
  return completed;
}

interface Batch {
  readonly names: Set<string>;
  readonly hosts: Promise<Readonly<Record<string, FleetHost>>>;
}

/** How long hosts are collected, in milliseconds: those of one program are made at once. */
const window = 5;
const batches = new Map<unknown, Map<string, Batch>>();

function evaluateTogether(
  source: Source,
  name: string,
  { provider, parent }: CustomResourceOptions,
): Promise<FleetHost> {
  // Hosts of different providers, or of parents that may have different ones, are asked of each.
  const via = provider ?? parent;
  const ofProvider = batches.get(via) ?? new Map<string, Batch>();
  batches.set(via, ofProvider);
  const key = JSON.stringify(source);
  let batch = ofProvider.get(key);
  if (batch === undefined) {
    const names = new Set<string>();
    const hosts = new Promise((resolve) => setTimeout(resolve, window)).then(async () => {
      ofProvider.delete(key);
      const options = { ...(provider && { provider }), ...(parent && { parent }) };
      return (await evaluate({ ...source, hosts: [...names] }, options)).hosts;
    });
    batch = { names, hosts };
    ofProvider.set(key, batch);
  }
  batch.names.add(name);
  return batch.hosts.then(
    (hosts) => hosts[name] ?? { name, evaluationError: `no host ${JSON.stringify(name)} in its source` },
    // What is wrong with the arguments, or with the source, is then told on the host's own row.
    () => ({ name }),
  );
}
