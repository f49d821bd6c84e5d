import { setTimeout as sleep } from "node:timers/promises";
import type { Site } from "./site.ts";
import type { System } from "./systems.ts";

export const steps = [
  "copying",
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

/** A health check of the host that holds as soon as somebody starts `healthy.service`, and for a minute at least not. */
const healthy = { systemd: { units: ["healthy.service"] }, interval: "1s", retries: 90 };

/** How a deployment is held at each step, until `release`. Nothing in the product helps with it. */
export const holds: Readonly<Record<Step, Hold>> = {
  // Nix restores a file in its place, and reads no further while it is stopped. Over NATS alone.
  copying: {
    arm: ({ site }) => site.throttle(),
    reach: async ({ site, to }) => {
      await until(
        site,
        `for _ in $(seq 100); do
          find /nix/store -maxdepth 1 -name '*-${to.name}-big' -size +256k | grep -q . &&
            pkill -STOP -f '[n]ix-store --realise' && exit
          sleep 0.02
        done; exit 1`,
      );
      await site.unthrottle();
    },
  },
  copied: {
    arm: ({ site }) => site.controller.hold("begin"),
    reach: ({ site }) => site.controller.held("begin", milliseconds),
  },
  // Somebody else activates at the same time, and keeps the lock of switch-to-configuration for a while.
  begun: {
    arm: ({ site }) =>
      site.shell(`mkdir -p /run/nixos && touch /run/faults/hold/begun
        nohup setsid flock /run/nixos/switch-to-configuration.lock \\
          sh -c 'touch /run/faults/at/begun; ${whileHeld("begun")}' >/dev/null 2>&1 &
        until [ -e /run/faults/at/begun ]; do sleep 0.05; done`),
    reach: async ({ site }) => {
      await until(site, inPhase("begun"));
      await sleep(1000);
      await site.shell(inPhase("begun"));
    },
  },
  activating: {
    arm: ({ site, to }) => holdThere(site, `${to.name}.unit`),
    reach: ({ site, to }) => until(site, `${inPhase("activating")} && ${at(`${to.name}.unit`)}`),
  },
  judging: {
    arm: ({ site }) => site.shell("systemctl stop healthy.service 2>/dev/null || true"),
    reach: async ({ site }) => {
      await until(site, inPhase("judging"));
      await until(site, `grep -q '"type":"check"' "${newest}events"`);
    },
    properties: { healthChecks: [healthy] },
  },
  waiting: {
    arm: ({ site }) => site.controller.hold("confirm"),
    reach: async ({ site }) => {
      await until(site, inPhase("waiting"));
      await site.controller.held("confirm", milliseconds);
    },
  },
  // A reboot forgets what was asked of the host before.
  committing: {
    arm: ({ site }) => site.controller.hold("confirm"),
    reach: async ({ site, to }) => {
      await site.controller.held("confirm", milliseconds);
      await site.shell("mkdir -p /run/faults/at /run/faults/hold");
      await holdThere(site, `${to.name}.boot`);
      await site.controller.release("confirm");
      await until(site, `${inPhase("committing")} && ${at(`${to.name}.boot`)}`);
    },
  },
  // The host is done, and the controller has not looked at it yet.
  committed: {
    arm: ({ site }) => site.controller.hold("confirm"),
    reach: async ({ site }) => {
      await site.controller.held("confirm", milliseconds);
      await site.controller.hold("inspect");
      await site.controller.release("confirm");
      await until(site, inPhase("committed"));
      await site.controller.held("inspect", milliseconds);
    },
  },
  "rolling back": {
    arm: async ({ site, from, to }) => {
      await failThere(site, `${to.name}.unit`);
      await holdThere(site, `${from.name}.test`);
    },
    reach: ({ site, from }) => until(site, `${inPhase("rolling-back")} && ${at(`${from.name}.test`)}`),
  },
};

/** Lets whatever is held go on. */
export async function release({ site }: Attempt): Promise<void> {
  await site.shell(
    "rm -rf /run/faults/hold; pkill -CONT nix-store; systemctl start healthy.service 2>/dev/null || true",
  );
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

const milliseconds = 90_000;

// A host that is off meanwhile, as in a reboot, is asked again.
async function until(site: Site, condition: string): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (
    !(await site.shell(condition).then(
      () => true,
      () => false,
    ))
  ) {
    if (performance.now() > deadline)
      throw new Error(`in ${milliseconds / 1000} s the host did not come to: ${condition}`);
    await sleep(100);
  }
}

const whileHeld = (place: string) =>
  `i=0; while [ -e /run/faults/hold/${place} ] && [ $i -lt 600 ]; do i=$((i + 1)); sleep 0.1; done`;
const newest = "$(ls -td /var/lib/homelab-deploy/deployments/*/ | sed -n 1p)";
const inPhase = (phase: string) => `grep -qx ${phase} "${newest}phase"`;
const at = (place: string) => `[ -e /run/faults/at/${place} ]`;
