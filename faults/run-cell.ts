import type { Cell } from "./cells.ts";
import type { Site } from "./site.ts";
import { holds } from "./steps.ts";
import type { System } from "./systems.ts";
import { runTrial, type Verdict } from "./trial.ts";

/** Holds one deployment on `site` at the cell's step, lets the fault strike, and judges what came of it. */
export function runCell(site: Site, systems: readonly System[], cell: Cell): Promise<Verdict> {
  const { fault, step, does, ends, held } = cell;
  const trial = { fault, step, does, ends };
  if (!held) return runTrial(site, systems, trial);
  const { arm, reach, properties } = holds[step as keyof typeof holds];
  return runTrial(site, systems, { ...trial, properties, arm, reach, early: step === "copied" });
}
