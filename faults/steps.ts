import type { Site } from "./site.ts";
import type { System } from "./systems.ts";

export const steps = [
  "copied",
  "begun",
  "activating",
  "judging",
  "waiting",
  "committing",
  "committed",
  "rolling back",
] as const;

/** Where a deployment is when a fault strikes. */
export type Step = (typeof steps)[number];

/** One deployment from `from` to `to` that is watched. */
export interface Attempt {
  readonly site: Site;
  readonly from: System;
  readonly to: System;
}

interface Hold {
  /** Prepares the host and the controller so that a deployment comes to the step and stays there. */
  arm(attempt: Attempt): Promise<unknown>;
  /** Settles when it is there. */
  reach(attempt: Attempt): Promise<unknown>;
  /** Properties that the host's resource has for that. */
  readonly properties?: object;
}

const milliseconds = 60_000;

/** How a deployment is held at each step, until `release`. Nothing in the product helps with it. */
export const holds: Readonly<Record<Exclude<Step, "judging">, Hold>> = {
  copied: {
    arm: ({ site }) => site.controller.hold("begin"),
    reach: ({ site }) => site.controller.held("begin", milliseconds),
  },
  // Somebody else activates at the same time, and keeps the lock of switch-to-configuration for a while.
  begun: {
    arm: ({ site }) =>
      site.shell(`mkdir -p /run/nixos && touch /run/faults/hold/begun
        nohup setsid flock /run/nixos/switch-to-configuration.lock \
          sh -c 'touch /run/faults/at/begun; ${whileHeld("begun")}' >/dev/null 2>&1 &
        until [ -e /run/faults/at/begun ]; ${again}`),
    reach: ({ site }) => site.shell(`until ${inPhase("begun")}; ${again}; sleep 1; ${inPhase("begun")}`),
  },
  activating: {
    arm: ({ site, to }) => holdThere(site, `${to.name}.unit`),
    reach: ({ site, to }) =>
      site.shell(`until ${inPhase("activating")} && ${at(`${to.name}.unit`)}; ${again}`),
  },
  waiting: {
    arm: ({ site }) => site.controller.hold("confirm"),
    reach: async ({ site }) => {
      await site.shell(`until ${inPhase("waiting")}; ${again}`);
      await site.controller.held("confirm", milliseconds);
    },
  },
  committing: {
    arm: ({ site, to }) => holdThere(site, `${to.name}.boot`),
    reach: ({ site, to }) =>
      site.shell(`until ${inPhase("committing")} && ${at(`${to.name}.boot`)}; ${again}`),
  },
  // The host is done, and the controller has not looked at it yet.
  committed: {
    arm: ({ site }) => site.controller.hold("confirm"),
    reach: async ({ site }) => {
      await site.controller.held("confirm", milliseconds);
      await site.controller.hold("inspect");
      await site.controller.release("confirm");
      await site.shell(`until ${inPhase("committed")}; ${again}`);
      await site.controller.held("inspect", milliseconds);
    },
  },
  "rolling back": {
    arm: async ({ site, from, to }) => {
      await failThere(site, `${to.name}.unit`);
      await holdThere(site, `${from.name}.test`);
    },
    reach: ({ site, from }) =>
      site.shell(`until ${inPhase("rolling-back")} && ${at(`${from.name}.test`)}; ${again}`),
  },
};

/** Lets whatever is held go on. */
export async function release({ site }: Attempt): Promise<void> {
  await site.shell("rm -rf /run/faults/hold");
  for (const verb of ["begin", "confirm", "inspect"] as const) await site.controller.release(verb);
}

/** Forgets all that was asked of host and controller. */
export async function clear(site: Site): Promise<void> {
  await site.shell("rm -rf /run/faults && mkdir -p /run/faults/at /run/faults/hold /run/faults/fail");
  await site.controller.clear();
}

/** Lets the systems wait at `place` of the host. */
export const holdThere = (site: Site, place: string) => site.shell(`touch /run/faults/hold/${place}`);

/** Lets what happens at `place` of the host fail. */
export const failThere = (site: Site, place: string) => site.shell(`touch /run/faults/fail/${place}`);

const whileHeld = (place: string) =>
  `i=0; while [ -e /run/faults/hold/${place} ] && [ $i -lt 600 ]; do i=$((i + 1)); sleep 0.1; done`;
const newest = "$(ls -td /var/lib/homelab-deploy/deployments/*/ | sed -n 1p)";
const inPhase = (phase: string) => `grep -qx ${phase} "${newest}phase"`;
const at = (place: string) => `[ -e /run/faults/at/${place} ]`;
const again = "do sleep 0.05; done 2>/dev/null";
