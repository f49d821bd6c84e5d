import { noHosts, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, it } from "vitest";
import { faults } from "./support/faults.ts";
import { goOn, moments, reach } from "./support/moments.ts";
import { Site } from "./support/site.ts";

const cells = moments.flatMap((moment) =>
  Object.entries(faults).map(([name, fault]) => ({ moment, name, fault })),
);

describe.skipIf(noHosts)("after", () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await temporaryTestbed();
  });
  afterAll(() => bed.down());

  it.concurrent.for(cells)(
    "$name while $moment, a host runs and boots what it ran before",
    { timeout: 240_000 },
    async ({ moment, name, fault }, { expect }) => {
      const { strike, reason, leaves = /^$/ } = fault;
      await using site = await Site.open(bed, `${name}-${moment}`.replaceAll(" ", "-"));
      const before = await site.adopt();
      const links = await site.profileLinks();
      const wanted = await site.want("slow");

      const up = site.start();
      await reach(site, moment);
      await strike(site, up);
      const { exitCode, stdout } = await up;

      const status = await site.status();
      expect(status).toMatchObject({ running: before, profile: before, bootDefault: before });
      expect(status.failedUnits).toEqual([]);
      expect(status.lock).toBeUndefined();
      const told = { to: wanted, outcome: "rolled-back", reason: reason(moment, before) };
      expect(status.deployments).toEqual([expect.objectContaining(told)]);
      expect(await site.profileLinks()).toBe(links);
      expect(await site.guardLeftovers()).toBe("");
      if (!name.includes("pulumi")) {
        expect(exitCode).not.toBe(0);
        expect(stdout).toContain(`${site.host.name} was rolled back: ${told.reason}`);
      }
      const left = async () => (await site.leftovers()).filter((line) => !leaves.test(line));
      await expect.poll(left, { timeout: 20_000 }).toEqual([]);

      await site.restart();
      expect(await site.status()).toMatchObject({ running: before, booted: before });

      // A file backend stays locked by a pulumi that was killed: the state's lock, not the host's.
      if (name.includes("pulumi")) await site.mustRun("cancel", "--yes");
      await goOn(site);
      await site.mustRun("up", "--yes", "--skip-preview");
      expect(await site.status()).toMatchObject({ running: wanted, profile: wanted, bootDefault: wanted });
      await site.restart();
      expect(await site.status()).toMatchObject({ running: wanted, booted: wanted });
    },
  );
});
