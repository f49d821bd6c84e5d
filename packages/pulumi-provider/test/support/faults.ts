import type { ResultPromise } from "execa";
import { letActivationEnd, type Moment, settled, thawSshd } from "./moments.ts";
import type { Site } from "./site.ts";

export interface Fault {
  /** Lets it happen to a deployment, and settles when the host has dealt with it. */
  strike(site: Site, up: ResultPromise): Promise<void>;
  /** What the host's journal then says. */
  reason(moment: Moment): RegExp;
  /** What may be left here, of processes and temporary files. */
  readonly leaves?: RegExp;
}

const unconfirmed = () => /^nobody confirmed within 10 s that the host can still be reached$/;

/** Everything that may happen to a deployment, whether or not somebody does it on purpose. */
export const faults: Readonly<Record<string, Fault>> = {
  "power loss": {
    strike: (site) => site.restart(),
    reason: (moment) => new RegExp(`^the host restarted while ${moment}; it booted /nix/store/`),
  },
  "a cut network": {
    async strike(site) {
      await site.cutNetwork();
      await letActivationEnd(site);
      await settled(site);
      await thawSshd(site);
      await site.healNetwork();
    },
    reason: unconfirmed,
  },
  "a killed pulumi": {
    async strike(site, up) {
      up.kill("SIGKILL");
      await letActivationEnd(site);
      await settled(site);
      await thawSshd(site);
    },
    reason: () => /^the controller called the deployment off$/,
    // Pulumi's own, which looks for its engine every few minutes.
    leaves: /pulumi-language-/,
  },
  "a killed pulumi and plugin": {
    async strike(site) {
      await site.killAll();
      await letActivationEnd(site);
      await settled(site);
      await thawSshd(site);
    },
    reason: unconfirmed,
    leaves: /^homelab-ssh-/,
  },
  "a killed sshd": {
    async strike(site) {
      await site.shell("pkill -KILL sshd; systemctl stop sshd; ! pgrep sshd");
      await letActivationEnd(site);
      await settled(site);
    },
    reason: unconfirmed,
  },
  "a killed supervisor": {
    async strike(site) {
      await site.shell("systemctl kill --kill-whom=main --signal=KILL 'homelab-activate-*.service'");
      await settled(site);
      await thawSshd(site);
    },
    reason: (moment) => new RegExp(`^the supervisor died \\(signal\\) while ${moment}$`),
  },
};
