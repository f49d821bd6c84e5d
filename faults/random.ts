import { setTimeout as sleep } from "node:timers/promises";
import { anytime, type Fault } from "./faults.ts";

import type { Site } from "./site.ts";
import type { Systems } from "./systems.ts";
import { runTrial, type Verdict } from "./trial.ts";

/** What chance chooses for one deployment. */
export interface Round {
  readonly index: number;
  readonly fault: string;
  readonly does: Fault;
  /** When it strikes: 0 is the start of `pulumi up`, 1 the end of one that nothing disturbs. */
  readonly moment: number;
  /** For how many seconds it lasts; until the host has dealt with it when absent. */
  readonly seconds: number | undefined;
  readonly byReboot: boolean;
}

/** The round with this index of a seed: the same one each time. */
export function roundOf(seed: number, index: number): Round {
  const random = generator(seed * 1_000_003 + index);
  const all: readonly (readonly [string, Fault])[] = Object.entries(anytime);
  const [fault, does] = all[Math.floor(random() * all.length)] as (typeof all)[number];
  const byReboot = random() < 0.15;
  const moment = random() * (byReboot ? 4 : 1.3);
  const brief = random() * 5;
  const seconds = does.lasts === "while held" || random() < 0.5 ? brief : undefined;
  return { index, fault, does, moment, seconds, byReboot };
}

export function describe({ fault, moment, seconds, byReboot }: Round): string {
  const length = seconds === undefined ? "" : ` for ${seconds.toFixed(1)} s`;
  return `${fault}${length} at ${(moment * 100).toFixed(0)} %${byReboot ? " of a reboot" : ""}`;
}

/** Lets a round's fault strike one deployment on `site`, and judges what came of it. */
export function runRound(site: Site, systems: Systems, round: Round): Promise<Verdict> {
  const { moment, seconds, byReboot } = round;
  return runTrial(site, systems, {
    fault: `${round.index}: ${round.fault}`,
    step: `${(moment * 100).toFixed(0)} %${byReboot ? ", reboot" : ""}`,
    does: seconds === undefined ? round.does : { ...round.does, lasts: "while held" },
    ends: "either",
    reach: () => sleep(moment * site.upSeconds * 1000),
    seconds,
    anyMoment: true,
    byReboot,
  });
}

// mulberry32: small, and good enough to choose by.
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}
