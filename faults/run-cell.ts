import type { Cell } from "./cells.ts";
import type { Site } from "./site.ts";
import { holds } from "./steps.ts";
import type { Systems } from "./systems.ts";
import { runTrial, type Verdict } from "./trial.ts";

/** Holds one deployment on `site` at the cell's step, lets the fault strike, and judges what came of it. */
export function runCell(site: Site, systems: Systems, cell: Cell): Promise<Verdict> {
  const { fault, does, ends, held, byReboot = false } = cell;
  const step = nameOfStep(cell);
  const trial = { fault, step, does, ends, byReboot, panics: fault === "kernel does not come up" };
  if (!held) return runTrial(site, systems, trial);
  const { arm, reach, properties } = holds[cell.step];
  return runTrial(site, systems, {
    ...trial,
    properties,
    arm,
    reach,
    early: cell.step === "copying" || cell.step === "copied",
  });
}

/** A step in the words of the table. */
export function nameOfStep({ step, byReboot }: Cell): string {
  return byReboot ? `${step}, rebooted` : step;
}
