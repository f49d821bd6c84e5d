import { noHosts, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, it } from "vitest";
import { faults } from "./support/faults.ts";
import { reachCommit } from "./support/moments.ts";
import { Site } from "./support/site.ts";

// What the profile names is new by then, and what the boot loader names is old.
const cells = [
  { name: "power loss", outcome: "rolled-back", reason: /^the host restarted while committing; it booted / },
  { name: "a killed supervisor", outcome: "committed", reason: /^$/ },
  { name: "a killed pulumi and plugin", outcome: "committed", reason: /^$/ },
] as const;

describe.skipIf(noHosts)("a commit", () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await temporaryTestbed();
  });
  afterAll(() => bed.down());

  it.concurrent.for(cells)(
    "that $name cuts short ends with one system or the other: $outcome",
    { timeout: 240_000 },
    async ({ name, outcome, reason }, { expect }) => {
      await using site = await Site.open(bed, name.replaceAll(" ", "-"));
      const before = await site.adopt();
      const wanted = await site.want("hesitant");
      const up = site.start();
      await reachCommit(site);
      await faults[name]?.strike(site, up);
      const { exitCode } = await up;
      if (!name.includes("pulumi")) expect(exitCode === 0).toBe(outcome === "committed");

      const system = outcome === "committed" ? wanted : before;
      expect(await site.status()).toMatchObject({ running: system, bootDefault: system });
      await site.restart();
      expect(await site.status()).toMatchObject({ running: system, booted: system, bootDefault: system });

      if (name.includes("pulumi")) await site.mustRun("cancel", "--yes");
      const next = await site.want("plain");
      await site.mustRun("up", "--yes", "--skip-preview");
      const { running, bootDefault, generations, deployments } = await site.status();
      expect([running, bootDefault]).toEqual([next, next]);
      expect(generations.map(({ toplevel }) => toplevel)).toEqual([...new Set([before, system, next])]);
      expect(deployments.at(-1)).toMatchObject({ outcome, reason: expect.stringMatching(reason) });
      expect(await site.guardLeftovers()).toBe("");
    },
  );

  it.concurrent("that power loss follows at once is told as one", { timeout: 240_000 }, async ({
    expect,
  }) => {
    await using site = await Site.open(bed, "committed");
    await site.adopt();
    const wanted = await site.want("plain");
    await site.mustRun("up", "--yes", "--skip-preview");
    // The outcome is the last that a deployment writes.
    await site.shell("rm /var/lib/homelab-deploy/deployments/*/outcome");
    await site.restart();
    const { running, bootDefault, deployments } = await site.status();
    expect([running, bootDefault]).toEqual([wanted, wanted]);
    expect(deployments.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["committed", "the host restarted while committed; it boots the new system"],
    ]);
  });
});
