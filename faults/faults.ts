import { setTimeout as sleep } from "node:timers/promises";
import type { NatsServer } from "@homelab-deploy/testbed";
import type { ResultPromise } from "execa";
import type { Site } from "./site.ts";
import { type Attempt, failThere, holdThere, type Step } from "./steps.ts";

/** A deployment that is under way. */
export interface Struck extends Attempt {
  readonly up: ResultPromise;
  readonly step: Step | string;
}

/** Something that happens to a deployment, whether or not somebody does it on purpose. */
export interface Fault {
  /** Prepares it before the deployment starts, where it then happens by itself. */
  arm?(attempt: Attempt & { readonly step: Step | string }): Promise<unknown>;
  /** Lets it happen. */
  strike?(struck: Struck): Promise<unknown>;
  /** Does to the deployment what it must not fall for; says so when it does. */
  attack?(struck: Struck): Promise<string | undefined>;
  /** Further properties of the host's resource. */
  properties?(step: Step | string): object;
  /** How long an activation may take, in seconds. */
  readonly activationSeconds?: number;
  /** Puts right what it broke of the world, never of the deployment. */
  recover?(attempt: Attempt): Promise<unknown>;
  /** Whether that is done before the deployment may go on, or when the host has dealt with it. */
  readonly lasts?: "while held" | "until settled";
  /** Seconds after which it is put right at the latest. */
  readonly atMost?: number;
  /** What ends of the controller: how `pulumi` itself ends then says nothing. */
  readonly kills?: "pulumi" | "plugin" | "link";
  /** What nobody can remove while it lasts: the next deployment does. */
  readonly mayLeave?: string;
  /** Whether it sets the profile to the host's oldest generation. */
  readonly byHand?: boolean;
}

/** Those that may happen at any time. */
export const anytime = {
  "power loss": {
    strike: ({ site }) => site.powerOff(),
    recover: ({ site }) => site.powerOn(),
    lasts: "while held",
    kills: "link",
    mayLeave: "an entry of the journal without a record",
  },
  "network cut for 3 s": {
    strike: async ({ site }) => {
      await site.cutNetwork();
      await sleep(3000);
    },
    recover: ({ site }) => site.healNetwork(),
    lasts: "while held",
  },
  "network cut": {
    strike: ({ site }) => site.cutNetwork(),
    recover: ({ site }) => site.healNetwork(),
    lasts: "until settled",
    kills: "link",
  },
  "sshd dead": {
    strike: ({ site }) => site.shell("systemctl stop sshd; while pkill -KILL sshd; do sleep 0.1; done"),
    recover: ({ site }) => site.shell("systemctl start sshd"),
    lasts: "until settled",
    kills: "link",
  },
  "dbus restarted": { strike: ({ site }) => site.shell("systemctl restart dbus.service") },
  "pulumi killed": { strike: async ({ up }) => up.kill("SIGKILL"), kills: "pulumi" },
  "pulumi and plugin killed": { strike: ({ site }) => site.killAll(), kills: "plugin" },
  "supervisor killed": {
    strike: ({ site }) =>
      site.shell(`systemctl kill --kill-whom=main --signal=KILL ${unit} 2>/dev/null || true`),
  },
  "disk full": {
    strike: ({ site }) =>
      site.shell("dd if=/dev/zero of=/var/filler bs=1M 2>/dev/null; ! echo x >/var/filler.2"),
    recover: ({ site }) => site.shell("rm -f /var/filler /var/filler.2"),
    lasts: "until settled",
  },
  "read-only /nix": {
    strike: ({ site }) =>
      site.shell("mount --bind /nix /nix && mount -o remount,ro,bind /nix && ! touch /nix/x"),
    recover: ({ site }) => site.shell("! mountpoint -q /nix || umount --lazy /nix"),
    lasts: "until settled",
    // Nix waits for as long as it can write nothing.
    atMost: 20,
    mayLeave: "garbage collector root",
  },
  "clock an hour ahead": {
    strike: ({ site }) => site.shell(setClock("+3600")),
    recover: ({ site }) => site.shell(clockIsRight),
    lasts: "until settled",
  },
  "clock an hour behind": {
    strike: ({ site }) => site.shell(setClock("-3600")),
    recover: ({ site }) => site.shell(clockIsRight),
    lasts: "until settled",
  },
  "profile set by hand": {
    strike: ({ site }) => site.shell(`nix-env --profile ${profile} --set "$(readlink -f ${profile}-1-link)"`),
    byHand: true,
  },
} satisfies Record<string, Fault>;

/** The same for hosts that are deployed over NATS. */
export const overNats: Readonly<Record<string, Fault>> = {
  "listener killed": { strike: ({ site }) => site.shell(`systemctl kill --signal=KILL ${listener}`) },
  "one of three nats-servers killed": {
    strike: async ({ site }) => (await serverOf(site))?.stop(),
    recover: startServers,
    lasts: "until settled",
  },
  "nats-servers restarted": {
    strike: async ({ site }) => {
      await stopServers(site);
      await sleep(3000);
      await startServers({ site });
    },
  },
  "nats-servers dead": {
    strike: ({ site }) => stopServers(site),
    recover: startServers,
    lasts: "until settled",
    kills: "link",
  },
};

const listener = "homelab-deploy-listener.service";

const servers = (site: Site) => site.listener?.servers ?? [];
const stopServers = (site: Site) => Promise.all(servers(site).map((server) => server.stop()));

function startServers({ site }: Pick<Attempt, "site">): Promise<unknown> {
  return Promise.all(servers(site).map((server) => server.start()));
}

/** The server that the host's listener is connected to. */
async function serverOf(site: Site): Promise<NatsServer | undefined> {
  const peers = await site.shell("ss --no-header --numeric --tcp state established | awk '{ print $4 }'");
  return servers(site).find(({ port }) => peers.split("\n").some((peer) => peer.endsWith(`:${port}`)));
}

// Every program that starts from now on has another idea of the time; the uptime stays what it is.
const setClock = (seconds: string) => `
  was=$(date +%s)
  echo '${seconds}' >/etc/faketimerc
  echo /usr/lib/$(uname -m)-linux-gnu/faketime/libfaketimeMT.so.1 >/etc/ld.so.preload
  differs=$(($(date +%s) - was)); [ $differs -gt 3000 ] || [ $differs -lt -3000 ]`;
const clockIsRight = "rm -f /etc/ld.so.preload /etc/faketimerc";
const unit = "'homelab-activate-*.service'";
const profile = "/nix/var/nix/profiles/system";

/** Those that belong to certain steps. */
export const particular = {
  "activation hangs": {
    activationSeconds: 8,
    arm: ({ site, step, to }) => holdThere(site, `${to.name}.${step === "committing" ? "boot" : "unit"}`),
  },
  // It gets more time than the new system had.
  "going back takes long": { activationSeconds: 8, strike: () => sleep(15_000) },
  "activation fails": {
    arm: ({ site, step, from, to }) =>
      step === "rolling back"
        ? failThere(site, `${to.name}.unit`).then(() => failThere(site, `${from.name}.activation`))
        : failThere(site, step === "committing" ? `${to.name}.boot` : `${to.name}.activation`),
  },
  "pre-switch check fails": { arm: ({ site, to }) => failThere(site, `${to.name}.test`) },
  "an old unit fails": {
    arm: async ({ site, step, to }) => {
      await site.shell("touch /run/faults/fail/flapping; systemctl restart flapping 2>/dev/null || true");
      if (step === "rolling back") await failThere(site, `${to.name}.unit`);
    },
    recover: ({ site }) => site.shell("rm -f /run/faults/fail/flapping; systemctl restart flapping"),
    lasts: "until settled",
  },
  "a new unit fails": {
    arm: async ({ site, step, from, to }) => {
      await failThere(site, `${to.name}.unit`);
      if (step === "rolling back") await failThere(site, `${from.name}.unit`);
    },
    recover: ({ site }) =>
      site.shell("rm -rf /run/faults/fail; ! systemctl is-failed --quiet step || systemctl restart step"),
    lasts: "until settled",
  },
  "health check fails": {
    properties: (step) => ({
      healthChecks: [
        step === "judging"
          ? { systemd: { units: ["absent.service"] }, interval: "1s", retries: 2 }
          : { command: { run: "exit 3", on: "controller" }, retries: 0 },
      ],
    }),
  },
  // Nothing else is wrong with it: the new system is the one whose kernel panics.
  "kernel does not come up": {},
  "confirmation lost": { arm: ({ site }) => site.controller.spoil("confirm", "request-lost") },
  "confirmation's answer lost": { arm: ({ site }) => site.controller.spoil("confirm", "answer-lost") },
  "confirmed twice": {
    attack: async (struck) => {
      const answer = await confirm(struck, await token(struck), "newest");
      const early =
        struck.step === "activating" || struck.step === "judging" || struck.step === "rolling back";
      if (early && answer.includes('"confirmed":true')) return `confirmed while ${struck.step}: ${answer}`;
      return undefined;
    },
  },
  "confirmed with a stale token": {
    attack: async (struck) => {
      for (const [given, id] of [
        ["c3RhbGUgdG9rZW4gb2YgdGhlIGxhc3Q", "newest"],
        [await token(struck), "older"],
      ] as const) {
        const answer = await confirm(struck, given, id);
        if (!answer.includes('"error"')) return `a stale token was not refused: ${answer}`;
      }
      return undefined;
    },
  },
  "confirmed with a stale token only": {
    attack: async (struck) => {
      const answer = await confirm(struck, "c3RhbGUgdG9rZW4gb2YgdGhlIGxhc3Q", "newest");
      if (!answer.includes('"error"')) return `a stale token was not refused: ${answer}`;
      await sleep(12_000);
      return undefined;
    },
  },
} satisfies Record<string, Fault>;

const journal = "/var/lib/homelab-deploy/deployments";

const token = ({ site }: Attempt) =>
  site.shell(
    `id=$(ls -t ${journal} | sed -n 1p); cat /run/homelab-deploy/$id/token 2>/dev/null || echo ended-and-gone`,
  );

/** Says a confirmation as anybody could who has the controller's key; returns what the guard answers. */
async function confirm({ site }: Attempt, given: string, which: "newest" | "older"): Promise<string> {
  const id = await site.shell(`ls -t ${journal} | sed -n ${which === "newest" ? 1 : 2}p`);
  return site.say(["confirm", id], `${given}\n`);
}
