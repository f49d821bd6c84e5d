import { noHosts } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { type DeploymentEvent, followHost, hostHistory, rollBack } from "../src/index.ts";
import { useHost } from "./support/use-host.ts";

const { signal } = new AbortController();

describe.skipIf(noHosts)("a host's past", () => {
  const { system, deployed, inspect, shell, connection } = useHost("web01");
  const back = (changes: object = {}) => {
    const request = {
      name: "web01",
      connection: connection(),
      rollback: { confirmTimeout: "8s" },
      ...changes,
    };
    return rollBack(request, { signal, onEvent: () => {} });
  };
  const links = () => shell("ls /nix/var/nix/profiles");

  it("leads back to the generation before, without a new one", async () => {
    for (const name of ["one", "two", "three"]) expect((await deployed(name)).outcome).toBe("committed");
    const before = await links();
    const { outcome, status } = await back();
    expect([outcome, status.generation]).toEqual(["committed", 3]);
    expect(status).toMatchObject({
      running: system("two"),
      profile: system("two"),
      bootDefault: system("two"),
    });
    expect(await links()).toBe(before);
    expect(await shell("cat /etc/marker")).toBe("two");
  });

  it("leads back, and forward, to a generation by its number", async () => {
    expect((await back({ generation: 2 })).status).toMatchObject({ generation: 2, running: system("one") });
    expect((await back({ generation: 4 })).status).toMatchObject({ generation: 4, running: system("three") });
    expect((await back({ generation: 4 })).outcome).toBe("unchanged");
  });

  it("has no generation that it has not", async () =>
    expect(back({ generation: 17 })).rejects.toMatchObject({
      code: "refused",
      message: "web01 has no generation 17; it has 1, 2, 3, 4",
    }));

  it("leads back under guard: to a generation that fails it does not go", async () => {
    await shell(`nix-env -p /nix/var/nix/profiles/system --set ${system("three")}`);
    const { status } = await deployed("failing", { rollback: { unhealthy: "warn" } });
    expect(status).toMatchObject({ running: system("failing"), generation: 5 });
    expect((await back({ generation: 2 })).status.generation).toBe(2);
    await expect(back({ generation: 5 })).rejects.toMatchObject({
      code: "rolled-back",
      message: expect.stringContaining("newly failing: marker.service"),
    });
    expect(await inspect()).toMatchObject({
      running: system("one"),
      generation: 2,
      bootDefault: system("one"),
    });
  });

  it("is told: who, what, when, how it ended and what happened meanwhile", async () => {
    const past = await hostHistory("web01", connection(), 3, { signal });
    expect(past.map(({ outcome }) => outcome)).toEqual(["rolled-back", "committed", "committed"]);
    expect(past[0]).toMatchObject({ goal: "switch", from: system("one"), to: system("failing") });
    expect(past[0]?.by).toMatch(/^root@/);
    expect(past[0]?.reason).toContain("newly failing: marker.service");
    const phases = past[1]?.events.filter(({ type }) => type === "phase").map(({ phase }) => phase);
    expect(phases).toEqual(["begun", "activating", "judging", "waiting", "committing", "committed"]);
    expect(past[1]?.events.some(({ type }) => type === "output")).toBe(false);
  });

  it("is bounded: the newest fifty deployments, and what one can say", async () => {
    await shell(
      "cd /var/lib/homelab-deploy/deployments && for i in $(seq 100 170); do cp -r $(ls -t | head -n 1) old-one-$i; done",
    );
    expect((await deployed("noisy")).outcome).toBe("committed");
    const kept = await shell("ls /var/lib/homelab-deploy/deployments | wc -l");
    expect(Number(kept)).toBe(51);
    const bytes = await shell(
      "cd /var/lib/homelab-deploy/deployments; du -sb $(ls -t | head -n 1) | cut -f 1",
    );
    expect(Number(bytes)).toBeLessThan(2 ** 20);
  });

  it("can be followed from elsewhere while it is made, by its id", async () => {
    const first = deployed("slow");
    await expect.poll(async () => (await inspect()).lock?.id, { timeout: 60_000 }).toBeDefined();
    const id = (await inspect()).lock?.id ?? "";
    const events: DeploymentEvent[] = [];
    const onEvent = (event: DeploymentEvent) => events.push(event);
    expect(await followHost("web01", connection(), id, { signal, onEvent })).toBe("committed");
    expect((await first).outcome).toBe("committed");
    expect(JSON.stringify(events)).toContain("activating the configuration");
    await expect(
      followHost("web01", connection(), "no-such-deployment", { signal, onEvent }),
    ).rejects.toMatchObject({ code: "invalid-input" });
  });
});
