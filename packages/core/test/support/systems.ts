import { join } from "node:path";
import { createBuilder, evaluateFleet, type FleetSource, type StorePath } from "../../src/index.ts";

const testbed = join(import.meta.dirname, "../../../testbed");

/** A flake of `test/systems`, with the stand-in for nixpkgs as its input. */
export const systemsSource = {
  flake: `path:${join(import.meta.dirname, "../systems")}`,
  overrideInputs: { nixpkgs: `path:${join(testbed, "nixpkgs")}` },
};

export interface System {
  readonly toplevel: StorePath;
  readonly derivation: StorePath;
}

/** Evaluates all systems of a source; returns them by name. */
export async function evaluateSystems(source: FleetSource = systemsSource): Promise<Record<string, System>> {
  const { signal } = new AbortController();
  const { hosts } = await evaluateFleet(source, {}, { signal });
  const systems = Object.values(hosts).map(({ name, toplevel, derivation, evaluationError }) => {
    if (toplevel === undefined || derivation === undefined) throw new Error(`${name}: ${evaluationError}`);
    return [name, { toplevel, derivation }] as const;
  });
  return Object.fromEntries(systems);
}

/** Evaluates and builds the systems of these names; returns their toplevels by name. */
export async function buildSystems(names: readonly string[]): Promise<Record<string, StorePath>> {
  const { signal } = new AbortController();
  const builder = createBuilder();
  const systems = await evaluateSystems();
  const built = names.map(async (name) => {
    const system = systems[name];
    if (system === undefined) throw new Error(`there is no system ${name}`);
    await builder.build(system, { signal, onEvent: () => {} });
    return [name, system.toplevel] as const;
  });
  return Object.fromEntries(await Promise.all(built));
}
