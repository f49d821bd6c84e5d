import { setTimeout as sleep } from "node:timers/promises";
import type { ResultPromise } from "execa";
import { type Aftermath, aftermath } from "./aftermath.ts";
import type { Ends } from "./cells.ts";
import type { Fault } from "./faults.ts";
import { judge, naming, type Seen, since } from "./judge.ts";
import { type Ending, endOf, settle, upSeconds } from "./settle.ts";
import type { Site } from "./site.ts";
import { type Attempt, clear, release } from "./steps.ts";
import { nextSystem, type System, type Systems } from "./systems.ts";
import type { Row } from "./table.ts";

/** One deployment that a fault shall strike. */
export interface Trial {
  readonly fault: string;
  /** Where it strikes, in the words of the table. */
  readonly step: string;
  readonly does: Fault;
  readonly ends: Ends;
  /** Further properties of the host's resource. */
  readonly properties?: object | undefined;
  /** Whether the new system has another kernel, and the host may be rebooted. */
  readonly byReboot: boolean;
  /** Whether that kernel does not come up. */
  readonly panics?: boolean;
  /** Prepares host and controller before the deployment starts. */
  arm?(attempt: Attempt): Promise<unknown>;
  /** Settles when the fault shall strike. */
  reach?(attempt: Attempt): Promise<unknown>;
  /** Whether nothing of the deployment is on the host yet, so that nothing there can settle. */
  readonly early?: boolean;
  /** Whether the deployment may have ended by itself when the fault strikes. */
  readonly anyMoment?: boolean;
  /** How long a fault lasts that is over before the deployment may go on, in seconds. */
  readonly seconds?: number | undefined;
}

/** What there is to read of a trial when a promise was broken: texts by the names of their files. */
export type Evidence = Record<string, string>;

export interface Verdict {
  readonly row: Row;
  readonly evidence: Evidence;
}

/** Lets a fault strike one deployment on `site`, and judges what came of it. */
export async function runTrial(site: Site, systems: Systems, trial: Trial): Promise<Verdict> {
  const { fault, step, does, ends } = trial;
  const start = performance.now();
  const evidence: Evidence = {};
  const broken: string[] = [];
  let words: Words = { runs: "?", boots: "?", journal: "?", state: "?", next: "?" };
  try {
    const from = site.system;
    if (from === undefined) throw new Error(`${site.host.name} runs none of the systems`);
    const attempt = { site, from, to: systemFor(trial, from, systems) };
    // A host that has booted the other kernel is not rebooted for it.
    if (trial.byReboot && (await site.look()).booted !== from.toplevel) {
      await site.powerOff();
      await site.powerOn();
    }
    await whenUp(() => clear(site));
    const before = await site.look();
    const { exit, complaints } = await undergo(attempt, trial, evidence);
    broken.push(...complaints);
    await whenUp(() => clear(site));
    const wantedNext = (running: string) =>
      trial.byReboot || running === attempt.to.toplevel
        ? nextSystem(trial.byReboot ? from : attempt.to, systems)
        : attempt.to;
    const after = await aftermath(attempt, systems, isKilled(does) || exit.late, wantedNext, evidence);
    const seen = toSeen(attempt, trial, before, exit, after);
    evidence.seen = JSON.stringify(seen, null, 2);
    broken.push(...judge(seen, ends));
    words = inWords(seen);
  } catch (error) {
    broken.push(`it could not be judged: ${error instanceof Error ? error.message : error}`);
  }
  const seconds = (performance.now() - start) / 1000;
  return { row: { fault, step, ...words, seconds, broken }, evidence };
}

/** The deployment itself, until nothing of it is under way any more and the world is well again. */
async function undergo(attempt: Attempt, trial: Trial, evidence: Evidence) {
  const { site, to } = attempt;
  const { does, step } = trial;
  const complaints: string[] = [];
  await trial.arm?.(attempt);
  await does.arm?.({ ...attempt, step });
  const reboot = trial.byReboot ? { reboot: "when-needed", rebootTimeout: "90s" } : {};
  const properties = { ...trial.properties, ...does.properties?.(step), ...reboot };
  await site.want(to, properties, does.activationSeconds);
  const up = site.up();
  const ended = endOf(up);
  await reached(attempt, trial, up, evidence);
  await whenUp(() => does.strike?.({ ...attempt, up, step }));
  const complaint = await does.attack?.({ ...attempt, up, step });
  if (complaint !== undefined) complaints.push(complaint);
  await sleep((trial.seconds ?? 0) * 1000);
  if (does.lasts === "while held") await whenUp(() => does.recover?.(attempt));
  // A fault that happens by itself needs no release, and is over when the deployment is.
  if (trial.reach === undefined) await ended;
  await whenUp(() => release(attempt));
  const { atMost } = does;
  if (trial.early) await Promise.race([ended, sleep((atMost ?? 60) * 1000)]);
  const late = await settle(site, atMost);
  if (atMost === undefined) complaints.push(...late);
  if (does.lasts === "until settled") await whenUp(() => does.recover?.(attempt));
  const exit = await ended;
  evidence.up = exit.output;
  if (exit.late) complaints.push(`pulumi up did not end within ${upSeconds} s`);
  complaints.push(...(await site.quiet()), ...(await settle(site)));
  return { exit, complaints };
}

// A host may be on its way through a reboot when something is done to it.
async function whenUp(work: () => Promise<unknown> | undefined, seconds = 60): Promise<void> {
  for (const deadline = performance.now() + seconds * 1000; ; ) {
    try {
      await work();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(500);
    }
  }
}

// A deployment that ends before the fault can strike says why in its output.
async function reached(attempt: Attempt, trial: Trial, up: ResultPromise, evidence: Evidence): Promise<void> {
  if (trial.reach === undefined) return;
  const early = up.then(async ({ stdout, stderr }) => {
    evidence.up = `${stdout}${stderr}`;
    await sleep(2000);
    throw new Error(`pulumi up ended before it came to ${trial.step}`);
  });
  early.catch(() => {});
  const reach = trial.reach(attempt);
  await (trial.anyMoment ? reach : Promise.race([reach, early]));
}

function systemFor({ byReboot, panics }: Trial, from: System, systems: Systems): System {
  if (panics) return systems.panicking;
  return byReboot ? systems.otherKernel : nextSystem(from, systems);
}

const isKilled = ({ kills }: Fault) => kills === "pulumi" || kills === "plugin";

function toSeen(
  { from, to }: Attempt,
  { does, byReboot }: Trial,
  before: Seen["before"],
  exit: Ending,
  after: Aftermath,
): Seen {
  return {
    from: from.toplevel,
    to: to.toplevel,
    byHand: does.byHand ? before.generations[0]?.split(" ")[1] : undefined,
    before,
    exitCode: isKilled(does) || exit.late ? undefined : exit.code,
    output: exit.output,
    deaf: does.kills !== undefined,
    byReboot,
    mayLeave: does.mayLeave,
    ...after,
  };
}

type Words = Pick<Row, "runs" | "boots" | "journal" | "state" | "next">;

function inWords(seen: Seen): Words {
  const name = naming(seen);
  const entry = since(seen.before, seen.settled)[0];
  const later = since(seen.before, seen.next.look).find(({ id }) => id === entry?.id);
  return {
    runs: name(seen.settled.running),
    boots: name(seen.settled.boots),
    journal: entry === undefined ? "-" : entry.outcome || `${later?.outcome || "nothing"}, later`,
    state: `${name(seen.stateAfterUp.system)}, ${name(seen.stateAfterRefresh.system)}`,
    next: seen.next.exitCode === 0 ? "ok" : `failed (${seen.next.exitCode})`,
  };
}
