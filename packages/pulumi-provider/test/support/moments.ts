import type { Site } from "./site.ts";

export const moments = ["activating", "waiting"] as const;

/** `activating`: the new system's units are being started; `waiting`: it runs, and the host waits for the confirmation. */
export type Moment = (typeof moments)[number];

const journal = "/var/lib/homelab-deploy/deployments";
const inPhase = (phase: string) => `grep -qx ${phase} ${journal}/*/phase`;

/** Settles when the host's first deployment, of the system `slow`, has come to `moment`, where it then stays. */
export async function reach(site: Site, moment: Moment): Promise<void> {
  await until(site, `${inPhase("activating")} && systemctl show -P ActiveState slow | grep -qx activating`);
  if (moment === "activating") return;
  // A frozen sshd leaves its sessions alone, and lets nobody in who wants to confirm.
  await site.shell("kill -STOP $(systemctl show -P MainPID sshd)");
  await letActivationEnd(site);
  await until(site, inPhase("waiting"));
}

export async function letActivationEnd(site: Site): Promise<void> {
  await site.shell("touch /var/lib/go-on");
}

/** Undoes what `reach` did to sshd. */
export async function thawSshd(site: Site): Promise<void> {
  await site.shell("pkill -CONT -x sshd || true");
}

/** Settles when the host's deployments have ended, one way or another. */
export async function settled(site: Site): Promise<void> {
  const all = `for one in ${journal}/*; do [ -e $one/outcome ] || exit 1; done`;
  await until(site, `(${all}) && [ ! -L /run/homelab-deploy/lock ]`);
}

async function until(site: Site, condition: string): Promise<void> {
  await site.shell(`until ${condition}; do sleep 0.05; done 2>/dev/null`);
}
