import { noHosts, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import type { ResultPromise } from "execa";
import { afterAll, beforeAll, describe, it } from "vitest";
import { calledOff, unconfirmed } from "./support/faults.ts";
import { goOn, reach, settled, thawSshd } from "./support/moments.ts";
import { Site, type SystemName } from "./support/site.ts";

interface Case {
  readonly moment: string;
  readonly system: SystemName;
  /** Settles when the moment has come. */
  reach(site: Site): Promise<unknown>;
  /** Puts right what is wrong with the host, after pulumi has ended. */
  mend?(site: Site): Promise<unknown>;
  /** Why the host rolled its deployment back; absent when none had begun. */
  readonly reason?: string;
}

const cases: readonly Case[] = [
  {
    moment: "copying",
    system: "big",
    reach: (site) => site.shell("until [ -e /nix/store/*-big ]; do sleep 0.02; done"),
  },
  {
    moment: "copying to a host that hangs",
    system: "big",
    reach: (site) => site.shell("until [ -e /nix/store/*-big ]; do sleep 0.02; done; pkill -STOP sshd"),
    mend: thawSshd,
  },
  { moment: "activating", system: "slow", reach: (site) => reach(site, "activating"), reason: calledOff },
  {
    moment: "waiting for the confirmation",
    system: "slow",
    reach: (site) => reach(site, "waiting"),
    mend: thawSshd,
    reason: calledOff,
  },
  {
    moment: "activating a host that is out of reach",
    system: "slow",
    reach: (site) => reach(site, "activating").then(() => site.cutNetwork()),
    mend: async (site) => {
      await goOn(site);
      await settled(site);
      await site.healNetwork();
    },
    reason: unconfirmed,
  },
];

describe.skipIf(noHosts)("Ctrl-C", () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await temporaryTestbed();
  });
  afterAll(() => bed.down());

  it.concurrent.for(cases)(
    "while $moment ends within 10 s, leaves nothing here and no host stuck",
    { timeout: 240_000 },
    async ({ moment, system, reach, mend, reason }, { expect }) => {
      await using site = await Site.open(bed, moment.replaceAll(" ", "-"));
      const before = await site.adopt();
      const links = await site.profileLinks();
      const wanted = await site.want(system);

      const up = site.start();
      await reach(site);
      const { exitCode, stdout, seconds } = await interrupt(up);
      expect(exitCode).not.toBe(0);
      expect(seconds, stdout).toBeLessThan(10);
      expect(await site.leftovers()).toEqual([]);

      await mend?.(site);
      await goOn(site);
      await settled(site);
      const status = await site.status();
      expect(status).toMatchObject({ running: before, profile: before, bootDefault: before });
      expect(status.lock).toBeUndefined();
      expect(status.deployments.map((deployment) => [deployment.outcome, deployment.reason])).toEqual(
        reason === undefined ? [] : [["rolled-back", reason]],
      );
      expect(await site.profileLinks()).toBe(links);
      expect(await site.guardLeftovers()).toBe("");

      await site.mustRun("up", "--yes", "--skip-preview");
      expect(await site.status()).toMatchObject({ running: wanted, profile: wanted, bootDefault: wanted });
    },
  );
});

// A terminal sends it to the foreground's process group, which plugins and their commands are not in.
async function interrupt(up: ResultPromise) {
  const start = performance.now();
  up.kill("SIGINT");
  const { exitCode, stdout } = await up;
  return { exitCode, stdout: String(stdout), seconds: (performance.now() - start) / 1000 };
}
