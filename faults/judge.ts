import type { Ends } from "./cells.ts";
import type { JournalEntry, Look } from "./look.ts";
import type { State } from "./site.ts";

/** All that was seen of one deployment that a fault struck. */
export interface Seen {
  readonly from: string;
  readonly to: string;
  /** A toplevel to which somebody set the profile by hand meanwhile. */
  readonly byHand?: string | undefined;
  readonly before: Look;
  /** How `pulumi up` ended; undefined when the fault killed it, or it did not end in time. */
  readonly exitCode: number | undefined;
  readonly output: string;
  /** Whether the fault took the controller's way to hear of the end. */
  readonly deaf: boolean;
  /** Whether the deployment reboots the host, and goes on after a restart. */
  readonly byReboot: boolean;
  readonly stateAfterUp: State;
  /** Leftovers that the fault lets nobody remove before the next deployment begin so. */
  readonly mayLeave?: string | undefined;
  /** After `pulumi refresh`, with the host as it is then. */
  readonly settled: Look;
  readonly stateAfterRefresh: State;
  /** After a further power loss. */
  readonly rebooted: Look;
  /** After the next `pulumi up`. */
  readonly next: {
    readonly wanted: string;
    readonly exitCode: number;
    readonly look: Look;
    readonly state: State;
  };
}

/** The promises that were broken, a sentence each; none when all were kept. */
export function judge(seen: Seen, ends: Ends): string[] {
  const entries = since(seen.before, seen.settled);
  const entry = entries[0];
  return [
    ...judgeJournal(seen, ends, entries),
    ...judgeHost(seen, entry),
    ...judgePulumi(seen, entry),
    ...judgeReboot(seen),
    ...judgeNext(seen),
  ];
}

/** The deployments in `now` that were not in `before`. */
export function since(before: Look, now: Look): readonly JournalEntry[] {
  const known = new Set(before.deployments.map(({ id }) => id));
  return now.deployments.filter(({ id }) => !known.has(id));
}

/** Whether the journal, as far as it goes, says that the new system stays. */
const stays = (entry: JournalEntry | undefined) => entry?.outcome === "committed";

// A commit that a restart cut short may get its outcome from the deployment after it, and only then.
const isOpen = ({ before, settled, byReboot }: Seen, entry: JournalEntry) =>
  !byReboot &&
  entry.outcome === "" &&
  before.bootId !== settled.bootId &&
  ["committing", "rolling-back"].includes(entry.phase);

function judgeJournal(seen: Seen, ends: Ends, entries: readonly JournalEntry[]): string[] {
  const [entry, ...others] = entries;
  const broken: string[] = [];
  if (others.length > 0) broken.push(`the journal has ${entries.length} deployments instead of one`);
  if (entry === undefined) {
    if (ends === "new") broken.push("the journal has no deployment");
    return broken;
  }
  const { outcome, reason, told } = entry;
  if (entry.reboots !== seen.byReboot) broken.push(`${entry.reboots ? "a" : "no"} reboot was part of it`);
  if (outcome === "" && !isOpen(seen, entry)) broken.push(`the journal has no outcome, phase ${entry.phase}`);
  if (outcome !== "" && !["committed", "rolled-back", "superseded"].includes(outcome))
    broken.push(`outcome ${outcome}: ${reason}`);
  if (outcome === "superseded" && seen.byHand === undefined) broken.push("superseded by nobody");
  if (outcome !== "" && outcome !== "committed" && reason === "") broken.push(`${outcome} without a reason`);
  if (told.length > 1) broken.push(`the events tell ${told.length} ends: ${told.join(", ")}`);
  if (told.some((one) => one !== outcome))
    broken.push(`the events tell ${told.join(", ")}, the journal ${outcome}`);
  if (entry.to !== seen.to) broken.push(`the journal's deployment is to ${entry.to}`);
  if (ends === "new" && !stays(entry)) broken.push(`not committed, ${outcome || entry.phase}: ${reason}`);
  if (ends === "old" && stays(entry)) broken.push("committed, and must not have been");
  return broken;
}

function judgeHost(seen: Seen, entry: JournalEntry | undefined): string[] {
  const { from, to, byHand, before, settled } = seen;
  const broken: string[] = [];
  const expected = stays(entry) ? to : from;
  const open = entry !== undefined && isOpen(seen, entry);
  const mine = (path: string) => path === expected;
  const theirs = (path: string) => byHand !== undefined && path === byHand;
  if (!mine(settled.running) && !(theirs(settled.running) && settled.bootId !== before.bootId))
    broken.push(`runs ${naming(seen)(settled.running)}, the journal says ${entry?.outcome || "nothing"}`);
  if (!mine(settled.boots) && !theirs(settled.boots))
    broken.push(`boots ${naming(seen)(settled.boots)}, the journal says ${entry?.outcome || "nothing"}`);
  if (!mine(settled.profile) && !theirs(settled.profile) && !open)
    broken.push(
      `the profile is ${naming(seen)(settled.profile)}, the journal says ${entry?.outcome || "nothing"}`,
    );
  if (!open) broken.push(...judgeGenerations(seen, entry));
  const left = settled.leftovers.filter(
    (one) => seen.mayLeave === undefined || !one.startsWith(seen.mayLeave),
  );
  if (!open) broken.push(...left.map((leftover) => `left behind: ${leftover}`));
  const failing = settled.failedUnits.filter((unit) => !before.failedUnits.includes(unit));
  if (failing.length > 0) broken.push(`failing now: ${failing.join(", ")}`);
  return broken;
}

// What was there stays; a commit adds one generation, and somebody by hand one of theirs.
function judgeGenerations({ to, byHand, before, settled }: Seen, entry: JournalEntry | undefined): string[] {
  const lost = before.generations.filter((link) => !settled.generations.includes(link));
  const added = settled.generations.filter((link) => !before.generations.includes(link));
  const expected = [...(byHand === undefined ? [] : [byHand]), ...(stays(entry) ? [to] : [])];
  const found = added.map((link) => link.split(" ")[1] ?? "");
  const broken = lost.map((link) => `generation ${link} is gone`);
  if ([...found].sort().join() !== [...expected].sort().join())
    broken.push(`generations added: ${added.join(", ") || "none"}; expected ${expected.length}`);
  return broken;
}

function judgePulumi(seen: Seen, entry: JournalEntry | undefined): string[] {
  const { from, to, exitCode, output, deaf, stateAfterUp, stateAfterRefresh, settled } = seen;
  const broken: string[] = [];
  const name = naming(seen);
  if (exitCode === 0 && !stays(entry)) broken.push("pulumi up succeeded, and the deployment did not");
  if (exitCode !== undefined && exitCode !== 0 && stays(entry) && !deaf)
    broken.push(`pulumi up failed (${exitCode}), and the deployment is committed`);
  if (/panic:|Internal|INTERNAL|UNKNOWN|bug in/.test(output)) broken.push("pulumi shows an internal error");
  if (stateAfterUp.system !== settled.running && stateAfterUp.system !== from)
    broken.push(
      `the state says ${name(stateAfterUp.system)} after up, the host runs ${name(settled.running)}`,
    );
  if (exitCode === 0 && stateAfterUp.system !== to) broken.push("pulumi up succeeded, and the state is old");
  const { system, bootDefault, profile } = stateAfterRefresh;
  if (system !== settled.running) broken.push(`after refresh the state says it runs ${name(system)}`);
  if (bootDefault !== settled.boots)
    broken.push(`after refresh the state says it boots ${name(bootDefault)}`);
  if (profile !== settled.profile)
    broken.push(`after refresh the state says its profile is ${name(profile)}`);
  return broken;
}

function judgeReboot(seen: Seen): string[] {
  const { settled, rebooted } = seen;
  const name = naming(seen);
  const broken: string[] = [];
  if (rebooted.bootId === settled.bootId) broken.push("the host was not restarted");
  if (rebooted.running !== settled.boots || rebooted.booted !== settled.boots)
    broken.push(`after a restart it runs ${name(rebooted.running)}, and was to boot ${name(settled.boots)}`);
  if (rebooted.boots !== settled.boots) broken.push("a restart changed what it boots");
  if (rebooted.failedUnits.length > 0)
    broken.push(`failing after a restart: ${rebooted.failedUnits.join(", ")}`);
  return broken;
}

function judgeNext(seen: Seen): string[] {
  const { before, rebooted, next } = seen;
  const { wanted, exitCode, look, state } = next;
  const broken: string[] = [];
  if (exitCode !== 0) broken.push(`the next pulumi up failed (${exitCode})`);
  for (const what of ["running", "boots", "profile"] as const)
    if (look[what] !== wanted) broken.push(`after the next up: ${what} is ${naming(seen)(look[what])}`);
  if (state.system !== wanted) broken.push(`after the next up the state says ${naming(seen)(state.system)}`);
  const [entry, ...others] = since(rebooted, look);
  if (entry?.outcome !== "committed" || others.length > 0)
    broken.push(
      `the next up's journal: ${[entry, ...others].map((one) => one?.outcome ?? "nothing").join(", ")}`,
    );
  const open = since(before, look).filter(({ outcome, told }) => outcome === "" || told.length > 1);
  if (open.length > 0) broken.push("a deployment is without one outcome for good");
  broken.push(...look.leftovers.map((leftover) => `after the next up: ${leftover}`));
  return broken;
}

/** A word for a toplevel in this deployment. */
export function naming({
  from,
  to,
  byHand,
}: Pick<Seen, "from" | "to" | "byHand">): (path?: string) => string {
  const words = new Map([
    [from, "old"],
    [to, "new"],
    ...(byHand === undefined ? [] : [[byHand, "hand"] as const]),
  ]);
  return (path = "") => words.get(path) ?? (path || "nothing");
}
