import { setTimeout as sleep } from "node:timers/promises";
import type { ResultPromise } from "execa";
import type { Cell } from "./cells.ts";
import type { Fault } from "./faults.ts";
import { judge, naming, type Seen, since } from "./judge.ts";
import type { Site } from "./site.ts";
import { type Attempt, clear, holds, release, type Step } from "./steps.ts";
import type { System } from "./systems.ts";
import type { Row } from "./table.ts";

const upSeconds = 150;
const settleSeconds = 90;

/** What there is to read of a cell when a promise was broken: texts by the names of their files. */
export type Evidence = Record<string, string>;

export interface Verdict {
  readonly row: Row;
  readonly evidence: Evidence;
}

/** Lets a fault strike one deployment on `site`, and judges what came of it. */
export async function runCell(site: Site, systems: readonly System[], cell: Cell): Promise<Verdict> {
  const { fault, step, does, ends, held } = cell;
  const start = performance.now();
  const evidence: Evidence = {};
  const broken: string[] = [];
  const { from, to } = nextSystems(site, systems);
  const attempt: Attempt = { site, from, to };
  let words = { runs: "?", boots: "?", journal: "?", state: "?", next: "?" };
  try {
    await clear(site);
    const before = await site.look();
    const hold = held ? holds[step as keyof typeof holds] : undefined;
    await hold?.arm(attempt);
    await does.arm?.({ ...attempt, step });
    await site.want(to, hold?.properties);
    const up = site.up();
    const ended = endOf(up);
    await Promise.race([hold?.reach(attempt), ended.then(() => hold && refuseToEnd(step, evidence, up))]);
    const complaint = await does.strike?.({ ...attempt, up, step });
    if (typeof complaint === "string") broken.push(complaint);
    broken.push(...(await goOn(attempt, does, step, ended)));
    const exit = await ended;
    evidence.up = exit.output;
    if (exit.late) broken.push(`pulumi up did not end within ${upSeconds} s`);
    await clear(site);
    const seen: Seen = {
      from: from.toplevel,
      to: to.toplevel,
      byHand: fault === "profile set by hand" ? before.generations[0]?.split(" ")[1] : undefined,
      before,
      exitCode: does.kills === "pulumi" || does.kills === "plugin" || exit.late ? undefined : exit.code,
      output: exit.output,
      deaf: does.kills !== undefined,
      ...(await aftermath(site, systems, attempt, does, evidence)),
    };
    evidence.seen = JSON.stringify(seen, null, 2);
    broken.push(...judge(seen, ends));
    words = inWords(seen);
  } catch (error) {
    broken.push(`the cell could not be judged: ${error instanceof Error ? error.message : error}`);
  }
  const seconds = (performance.now() - start) / 1000;
  return { row: { fault, step, ...words, seconds, broken }, evidence };
}

/** What the host runs, and the system that it shall run next. */
export function nextSystems(site: Site, systems: readonly System[]): { from: System; to: System } {
  const from = site.system;
  if (from === undefined) throw new Error(`${site.host.name} runs none of the systems`);
  return { from, to: after(from, systems) };
}

const after = (system: System, systems: readonly System[]) =>
  systems[(systems.indexOf(system) + 1) % systems.length] as System;

interface End {
  readonly code: number | undefined;
  readonly output: string;
  readonly late: boolean;
}

/** How `up` ends, in the time that nobody may exceed. */
export async function endOf(up: ResultPromise): Promise<End> {
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    up.kill("SIGKILL");
  }, upSeconds * 1000);
  const { exitCode, stdout, stderr } = await up;
  clearTimeout(limit);
  return { code: exitCode, output: `${stdout}${stderr}`, late };
}

async function refuseToEnd(step: Step, evidence: Evidence, up: ResultPromise): Promise<never> {
  const { stdout, stderr } = await up;
  evidence.up = `${stdout}${stderr}`;
  throw new Error(`pulumi up ended before it came to ${step}`);
}

/** Lets the deployment go on, and the world get well again, in the order that the fault wants. */
async function goOn(attempt: Attempt, does: Fault, step: Step, ended: Promise<End>): Promise<string[]> {
  if (does.lasts === "while held") await does.recover?.(attempt);
  await release(attempt);
  // Before the deployment has begun there is nothing on the host that could settle.
  if (step === "copied") await Promise.race([ended, sleep(60_000)]);
  const problems = await settle(attempt.site);
  if (does.lasts === "until settled") await does.recover?.(attempt);
  return problems;
}

/** Waits until no deployment is under way on the host; says so when that takes too long. */
export async function settle(site: Site): Promise<string[]> {
  const underWay = `systemctl list-units --plain --no-legend --state=active,activating,deactivating,reloading 'homelab-activate-*' | grep -q .`;
  const answer = await site.shell(
    `i=0; while [ $i -lt ${settleSeconds} ] && ${underWay}; do sleep 1; i=$((i + 1)); done; ${underWay} && echo late || true`,
  );
  return answer.includes("late") ? [`a deployment is still under way ${settleSeconds} s later`] : [];
}

type Aftermath = Pick<Seen, "stateAfterUp" | "settled" | "stateAfterRefresh" | "rebooted" | "next">;

/** What Pulumi says, what a further power loss shows, and what the next `pulumi up` does. */
export async function aftermath(
  site: Site,
  systems: readonly System[],
  { to }: Attempt,
  does: Fault,
  evidence: Evidence,
): Promise<Aftermath> {
  const stateAfterUp = await site.state();
  // A file backend stays locked by a pulumi that was killed: the state's lock, not the host's.
  if (does.kills === "pulumi" || does.kills === "plugin") await site.pulumi("cancel", "--yes");
  const { settled, stateAfterRefresh } = await site.keepingState(async () => {
    const { exitCode, stdout, stderr } = await site.pulumi("refresh", "--yes", "--skip-preview");
    evidence.refresh = `exit status ${exitCode}\n${stdout}${stderr}`;
    return { settled: await site.look(), stateAfterRefresh: await site.state() };
  });
  evidence.settled = await hostStory(site);
  await site.powerOff();
  await site.powerOn();
  await clear(site);
  const rebooted = await site.look();
  const wanted = settled.running === to.toplevel ? after(to, systems) : to;
  await site.want(wanted);
  const { code, output } = await endOf(site.up());
  evidence.next = output;
  const look = await site.look();
  const next = { wanted: wanted.toplevel, exitCode: code ?? 1, look, state: await site.state() };
  site.system = systems.find(({ toplevel }) => toplevel === look.running);
  return { stateAfterUp, settled, stateAfterRefresh, rebooted, next };
}

/** All that the host tells of its deployments. */
export async function hostStory(site: Site): Promise<string> {
  return site.shell(`
    for id in $(ls -tr /var/lib/homelab-deploy/deployments | tail -n 3); do
      cd /var/lib/homelab-deploy/deployments/$id; for file in *; do echo "== $id/$file"; cat $file; done
      echo "== unit"; journalctl --no-pager --quiet --unit=homelab-activate-$id 2>/dev/null | tail -n 60
    done`);
}

function inWords(seen: Seen): Pick<Row, "runs" | "boots" | "journal" | "state" | "next"> {
  const name = naming(seen);
  const entry = since(seen.before, seen.settled)[0];
  const later = since(seen.before, seen.next.look).find(({ id }) => id === entry?.id);
  const journal = entry === undefined ? "-" : entry.outcome || `${later?.outcome || "nothing"}, later`;
  return {
    runs: name(seen.settled.running),
    boots: name(seen.settled.boots),
    journal,
    state: `${name(seen.stateAfterUp.system)}, ${name(seen.stateAfterRefresh.system)}`,
    next: seen.next.exitCode === 0 ? "ok" : `failed (${seen.next.exitCode})`,
  };
}
