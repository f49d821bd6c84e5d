import { join } from "node:path";
import { createBuilder, evaluateFleet, type StorePath } from "../../src/index.ts";

const testbed = join(import.meta.dirname, "../../../testbed");

/** A flake of `test/systems`, with the stand-in for nixpkgs as its input. */
export const systemsSource = {
  flake: `path:${join(import.meta.dirname, "../systems")}`,
  overrideInputs: { nixpkgs: `path:${join(testbed, "nixpkgs")}` },
};

/** Evaluates and builds all systems; returns their toplevels by name. */
export async function buildSystems(): Promise<Record<string, StorePath>> {
  const { signal } = new AbortController();
  const builder = createBuilder();
  const fleet = await evaluateFleet(systemsSource, {}, { signal });
  const built = Object.values(fleet.hosts).map(async ({ name, toplevel, derivation, evaluationError }) => {
    if (toplevel === undefined || derivation === undefined) throw new Error(`${name}: ${evaluationError}`);
    await builder.build({ toplevel, derivation }, { signal, onEvent: () => {} });
    return [name, toplevel] as const;
  });
  return Object.fromEntries(await Promise.all(built));
}
