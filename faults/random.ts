import { setTimeout as sleep } from "node:timers/promises";
import { anytime, type Fault } from "./faults.ts";

import type { Site } from "./site.ts";
import type { System } from "./systems.ts";
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
}

/** The round with this index of a seed: the same one each time. */
export function roundOf(seed: number, index: number): Round {
  const random = generator(seed * 1_000_003 + index);
  const all: readonly (readonly [string, Fault])[] = Object.entries(anytime);
  const [fault, does] = all[Math.floor(random() * all.length)] as (typeof all)[number];
  const moment = random() * 1.3;
  const brief = random() * 5;
  return {
    index,
    fault,
    does,
    moment,
    seconds: does.lasts === "while held" || random() < 0.5 ? brief : undefined,
  };
}

export function describe({ fault, moment, seconds }: Round): string {
  const length = seconds === undefined ? "" : ` for ${seconds.toFixed(1)} s`;
  return `${fault}${length} at ${(moment * 100).toFixed(0)} %`;
}

/** Lets a round's fault strike one deployment on `site`, and judges what came of it. */
export function runRound(site: Site, systems: readonly System[], round: Round): Promise<Verdict> {
  const { moment, seconds } = round;
  return runTrial(site, systems, {
    fault: `${round.index}: ${round.fault}`,
    step: `at ${(moment * 100).toFixed(0)} %`,
    does: seconds === undefined ? round.does : { ...round.does, lasts: "while held" },
    ends: "either",
    reach: () => sleep(moment * site.upSeconds * 1000),
    seconds,
    anyMoment: true,
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
