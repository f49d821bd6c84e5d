import { anytime, type Fault, overNats, particular } from "./faults.ts";
import { type Step, steps } from "./steps.ts";
import type { Kind } from "./systems.ts";

/** How a deployment may end: on what ran before, on the new system, or on either of them as a whole. */
export type Ends = "old" | "new" | "either";

export interface Cell {
  readonly fault: string;
  readonly step: Step;
  readonly does: Fault;
  readonly ends: Ends;
  /** Whether the deployment is held at the step for the fault to strike. */
  readonly held: boolean;
  /** Whether the new system needs a reboot, and gets one. */
  readonly byReboot?: boolean;
}

/** Every fault at every step where it makes sense on hosts of `kind`. */
export function allCells(kind: Kind): readonly Cell[] {
  const cells = (faults: Readonly<Record<string, Fault>>) => [
    ...anytimeCells(faults),
    ...particularCells(),
    ...rebootCells(faults),
  ];
  if (kind !== "nats") return cells(anytime).filter(({ step }) => step !== "copying");
  return cells({ ...overNats, ...anytime }).filter(
    ({ fault, step }) => step !== "committed" && !needsSsh.includes(fault),
  );
}

// What is done to ssh, of the host or of the controller, and what holds longer than the host waits.
const needsSsh = [
  "sshd dead",
  "confirmation lost",
  "confirmation's answer lost",
  "confirmed with a stale token only",
];

function anytimeCells(faults: Readonly<Record<string, Fault>>): Cell[] {
  return Object.entries(faults).flatMap(([fault, does]) =>
    steps
      .filter((step) => !(absent[fault] ?? []).includes(step))
      .map((step) => ({ fault, step, does, held: true, ends: endsOf(fault, step) })),
  );
}

// The supervisor lives from `begun` to the outcome.
const absent: Readonly<Record<string, readonly Step[]>> = {
  "supervisor killed": ["copying", "copied", "committed"],
};

const harmless = [
  "network cut for 3 s",
  "one of three nats-servers killed",
  "nats-servers restarted",
  "listener killed",
  "dbus restarted",
  "clock an hour ahead",
  "clock an hour behind",
];
// The host notices, and may go either way as long as it goes there as a whole.
const noticed = ["disk full", "read-only /nix", "profile set by hand"];

function endsOf(fault: string, step: Step): Ends {
  if (step === "rolling back") return "old";
  if (step === "copying") return fault.startsWith("pulumi") ? "old" : "either";
  if (step === "committed" || harmless.includes(fault)) return "new";
  if (noticed.includes(fault)) return step === "copied" && fault === "disk full" ? "old" : "either";
  if (step === "committing") return fault === "power loss" ? "either" : "new";
  // The activation may start it again.
  if (fault === "sshd dead" && (step === "begun" || step === "activating")) return "either";
  // Power comes back before the controller has begun, or too late for it.
  if (step === "copied" && fault === "power loss") return "either";
  return "old";
}

/** Where each of the others makes sense, and how it ends there. */
const places: Readonly<Record<keyof typeof particular, Partial<Record<Step, Ends>>>> = {
  "activation hangs": { activating: "old", committing: "old" },
  "going back takes long": { "rolling back": "old" },
  "activation fails": { activating: "old", committing: "old", "rolling back": "old" },
  "pre-switch check fails": { activating: "old" },
  "an old unit fails": { activating: "new", "rolling back": "old" },
  "a new unit fails": { activating: "old", "rolling back": "old" },
  "health check fails": { judging: "old", waiting: "old" },
  "kernel does not come up": { activating: "old" },
  "confirmation lost": { waiting: "new" },
  "confirmation's answer lost": { waiting: "new" },
  "confirmed twice": {
    activating: "new",
    judging: "new",
    waiting: "new",
    committing: "new",
    committed: "new",
    "rolling back": "old",
  },
  "confirmed with a stale token": {
    activating: "new",
    judging: "new",
    waiting: "new",
    committing: "new",
    committed: "new",
    "rolling back": "old",
  },
  "confirmed with a stale token only": { waiting: "old" },
};

function particularCells(): Cell[] {
  return Object.entries(particular).flatMap(([fault, does]) =>
    Object.entries(places[fault as keyof typeof places]).map(([step, ends]) => ({
      fault,
      step: step as Step,
      does,
      held: "attack" in does || "strike" in does,
      ends,
      byReboot: fault === "kernel does not come up",
    })),
  );
}

// After the reboot, which the steps before it know nothing of.
const afterReboot: readonly Step[] = ["judging", "waiting", "committing", "committed"];
const alsoByReboot = [
  "power loss",
  "network cut",
  "pulumi and plugin killed",
  "supervisor killed",
  "disk full",
  "clock an hour ahead",
  "profile set by hand",
  "listener killed",
  "one of three nats-servers killed",
];

function rebootCells(faults: Readonly<Record<string, Fault>>): Cell[] {
  return anytimeCells(faults)
    .filter(({ fault, step }) => alsoByReboot.includes(fault) && afterReboot.includes(step))
    .map((cell) => ({ ...cell, byReboot: true }));
}
