import type { ResultPromise } from "execa";
import { goOn, type Moment, settled, thawSshd } from "./moments.ts";
import type { Site } from "./site.ts";

export interface Fault {
  /** Lets it happen to a deployment, and settles when the host has dealt with it. */
  strike(site: Site, up: ResultPromise): Promise<void>;
  /** What the host's journal then says. */
  reason(moment: Moment, before: string): string;
  /** What may be left here, of processes and temporary files. */
  readonly leaves?: RegExp;
}

/** What the journal says when nobody confirmed. */
export const unconfirmed = "nobody confirmed within 15 s that the host can still be reached";
/** What it says when the controller ended in an orderly way before it confirmed. */
export const calledOff = "the controller called the deployment off";

/** Everything that may happen to a deployment, whether or not somebody does it on purpose. */
export const faults: Readonly<Record<string, Fault>> = {
  "power loss": {
    strike: (site) => site.restart(),
    reason: (moment, before) => `the host restarted while ${moment}; it booted ${before}`,
  },
  "a cut network": {
    async strike(site) {
      await site.cutNetwork();
      await goOn(site);
      await settled(site);
      await thawSshd(site);
      await site.healNetwork();
    },
    reason: () => unconfirmed,
  },
  "a killed pulumi": {
    async strike(site, up) {
      up.kill("SIGKILL");
      await goOn(site);
      await settled(site);
      await thawSshd(site);
    },
    reason: () => calledOff,
    // Pulumi's own, which looks for its engine every few minutes.
    leaves: /pulumi-language-/,
  },
  "a killed pulumi and plugin": {
    async strike(site) {
      await site.killAll();
      await goOn(site);
      await settled(site);
      await thawSshd(site);
    },
    reason: () => unconfirmed,
    leaves: /^homelab-ssh-/,
  },
  "a killed sshd": {
    async strike(site) {
      await site.shell("pkill -KILL sshd; systemctl stop sshd; ! pgrep sshd");
      await goOn(site);
      await settled(site);
    },
    reason: () => unconfirmed,
  },
  "a killed supervisor": {
    async strike(site) {
      await site.shell("systemctl kill --kill-whom=main --signal=KILL 'homelab-activate-*.service'");
      await goOn(site);
      await settled(site);
      await thawSshd(site);
    },
    reason: (moment) => `the supervisor died (signal) while ${moment}`,
  },
};
