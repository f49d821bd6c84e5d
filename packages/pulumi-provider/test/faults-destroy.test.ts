import { noHosts, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Site } from "./support/site.ts";

describe.skipIf(noHosts)("a host that comes and goes", () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await temporaryTestbed();
  });
  afterAll(() => bed.down());

  it("is not touched when it is adopted, and goes on as it is after pulumi destroy", async () => {
    await using site = await Site.open(bed, "web01");
    const installed = await seen(site);
    await site.adopt();
    expect(await seen(site)).toEqual(installed);

    const wanted = await site.want("plain");
    await site.mustRun("up", "--yes", "--skip-preview");
    const deployed = await seen(site);
    expect(deployed).toMatchObject({ running: wanted, bootDefault: wanted, generation: 2 });

    await site.mustRun("destroy", "--yes", "--skip-preview");
    expect((await site.mustRun("stack", "--show-urns")).stdout).not.toContain("nixos:index:Host");
    expect(await seen(site)).toEqual(deployed);
    expect(await site.shell("cat /etc/marker")).toBe("plain");

    const { stdout } = await site.mustRun("up", "--yes", "--skip-preview");
    expect(stdout).toMatch(/1 created|created \(/);
    expect(stdout).not.toMatch(/copying|activating/);
    expect(await seen(site)).toEqual(deployed);
  });
});

// All that a deployment could change, and nothing that changes by itself.
async function seen(site: Site) {
  const { freeBytes: _, clock: __, ...status } = await site.status();
  return { ...status, links: await site.profileLinks() };
}
