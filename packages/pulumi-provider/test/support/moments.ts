import type { Site } from "./site.ts";

export const moments = ["activating", "waiting"] as const;

/** `activating`: the new system's units are being started; `waiting`: they run, and the host waits for confirmation. */
export type Moment = (typeof moments)[number];

const journal = "/var/lib/homelab-deploy/deployments";
const inPhase = (phase: string) => `grep -qx ${phase} ${journal}/*/phase`;

/** Settles when the host's first deployment, of the system `slow`, has come to `moment`, where it then stays. */
export async function reach(site: Site, moment: Moment): Promise<void> {
  await until(site, `${inPhase("activating")} && systemctl show -P ActiveState slow | grep -qx activating`);
  if (moment === "activating") return;
  // A frozen sshd leaves its sessions alone, and lets nobody in who wants to confirm.
  await site.shell("kill -STOP $(systemctl show -P MainPID sshd)");
  await goOn(site);
  await until(site, inPhase("waiting"));
  // A confirmation over a connection that stood before would have come by now.
  await site.shell(`sleep 2; ${inPhase("waiting")}`);
}

/** Settles when the profile names the system `hesitant`, and the boot loader does not yet. */
export async function reachCommit(site: Site): Promise<void> {
  await until(
    site,
    `${inPhase("committing")} && [ "$(readlink /nix/var/nix/profiles/system)" = system-2-link ]`,
  );
}

/** Ends the wait of the systems that wait. */
export async function goOn(site: Site): Promise<void> {
  await site.shell("touch /var/lib/go-on");
}

/** Lets a frozen sshd go on. */
export async function thawSshd(site: Site): Promise<void> {
  await site.shell("pkill -CONT sshd || true");
}

/** Settles when the host's deployments have ended, one way or another. */
export async function settled(site: Site): Promise<void> {
  const all = `for one in ${journal}/*/record; do [ ! -e $one ] || [ -e \${one%record}outcome ] || exit 1; done`;
  await until(site, `(${all}) && [ ! -L /run/homelab-deploy/lock ]`);
}

async function until(site: Site, condition: string): Promise<void> {
  await site.shell(`until ${condition}; do sleep 0.05; done 2>/dev/null`);
}
