import { noHosts } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { type Deployed, useHost } from "./support/use-host.ts";

const whenNeeded = { reboot: "when-needed", rebootTimeout: "3m" } as const;
const told = ({ events }: Deployed) => JSON.stringify(events);

describe.skipIf(noHosts)("a guarded reboot", () => {
  const { bed, system, deployed, inspect, shell } = useHost("web01");
  const generations = () => shell("ls /nix/var/nix/profiles; ls /boot/loader/entries 2>/dev/null || true");
  const expectOnly = async (name: string) => {
    const status = await inspect();
    expect(status).toMatchObject({
      running: system(name),
      booted: system(name),
      bootDefault: system(name),
      profile: system(name),
      rebootRequired: false,
    });
    const places = "/run/homelab-deploy/* /nix/var/nix/gcroots/homelab-deploy/* /boot/loader/oneshot";
    const found = await shell(`ls -d ${places} /etc/systemd/system.attached 2>/dev/null`);
    const leftovers = found.split("\n").filter((path) => !/^$|begin.lock$|guard$/.test(path));
    expect(leftovers).toEqual([]);
    expect(await shell("systemctl list-units --all --plain --no-legend 'homelab-activate-*'")).toBe("");
    return status;
  };

  it("is not done where the policy does not know it, and told of", async () => {
    expect((await deployed("one", whenNeeded)).outcome).toBe("committed");
    const before = await inspect();
    const { outcome, status } = await deployed("other-kernel");
    expect([outcome, status?.rebootRequired, status?.bootId]).toEqual(["committed", true, before.bootId]);
  });

  it("waits for its time of the day", async () => {
    const before = await inspect();
    const [day = ""] = before.clock.split(" ");
    const other = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].filter((name) => name !== day);
    const rebootAt = `${other.slice(1, 3).join(",")} 08:00-09:00`;
    const result = await deployed("other-kernel", { ...whenNeeded, rebootAt });
    expect([result.outcome, result.status?.bootId]).toEqual(["unchanged", before.bootId]);
    expect(told(result)).toContain(`a reboot is needed, and allowed at ${rebootAt}: it is ${day}`);
  });

  it("makes up for a reboot that is still to be done", async () => {
    const before = await inspect();
    const { outcome } = await deployed("other-kernel", whenNeeded);
    expect(outcome).toBe("committed");
    expect((await expectOnly("other-kernel")).bootId).not.toBe(before.bootId);
  });

  it("brings a host to another kernel", async () => {
    const before = await inspect();
    const result = await deployed("one", whenNeeded);
    expect([result.error, result.outcome]).toEqual([undefined, "committed"]);
    expect(told(result)).toContain("a reboot is needed: kernel, initrd, modules changed");
    const status = await expectOnly("one");
    expect(status.bootId).not.toBe(before.bootId);
    expect(status.generation).toBe((before.generation ?? 0) + 1);
  });

  it("of a kernel that does not come up ends in the old system, as it was before", async () => {
    const before = await generations();
    const { error } = await deployed("panicking-kernel", whenNeeded);
    expect(error).toMatchObject({ code: "rolled-back" });
    expect(error?.message).toContain(`came back in ${system("one")} and not in the new system`);
    await expectOnly("one");
    expect(await generations()).toBe(before);
  });

  it("into a system with a failing unit is taken back by another reboot", async () => {
    const before = await generations();
    const result = await deployed("other-kernel-failing", whenNeeded);
    expect(result.error).toMatchObject({ code: "rolled-back" });
    expect(result.error?.message).toContain("newly failing: marker.service");
    expect(told(result)).toContain("out of luck");
    await expectOnly("one");
    expect(await generations()).toBe(before);
  });

  it("into a system that cannot be reached is taken back by another reboot", async () => {
    const { error } = await deployed("other-kernel-silent", whenNeeded);
    expect(error).toMatchObject({ code: "rolled-back" });
    expect(error?.message).toContain("nobody confirmed within");
    await expectOnly("one");
  });

  it("goes on by itself after the reboot when nobody follows it", async () => {
    const journal = (file: string) =>
      shell(`cd /var/lib/homelab-deploy/deployments; cat $(ls -t | head -n 1)/${file}`).catch(() => "");
    const result = deployed("other-kernel", { ...whenNeeded, rebootTimeout: "15s" });
    await expect.poll(() => journal("phase"), { timeout: 60_000, interval: 20 }).toBe("rebooting");
    await bed().cut("web01");
    const { error } = await result;
    await expect
      .poll(() => journal("outcome"), { timeout: 90_000 })
      .toContain("rolled-back")
      .finally(() => bed().heal("web01"));
    expect(error).toMatchObject({
      code: "outcome-unknown",
      message: expect.stringContaining("did not come back within 0.25 min after its reboot"),
    });
    await expectOnly("one");
    expect((await inspect()).deployments[0]?.reason).toContain("nobody confirmed within 8 s");
  });

  it("says so where the boot loader cannot boot a system once", async () => {
    await shell("mount --bind /usr/bin/false $(readlink -f /run/current-system/sw/bin/bootctl)");
    const result = await deployed("other-kernel", whenNeeded);
    expect(result.outcome).toBe("committed");
    expect(told(result)).toContain("cannot boot a system just once");
    await expectOnly("other-kernel");
  });

  it("uses GRUB's entry for one boot", async () => {
    await shell("mkdir -p /boot/grub");
    expect(await deployed("grub", whenNeeded)).toMatchObject({ error: undefined, outcome: "committed" });
    await shell("rm -r /boot/loader");
    expect(await deployed("grub-other-kernel", whenNeeded)).toMatchObject({ error: undefined });
    await expectOnly("grub-other-kernel");
    expect((await deployed("grub-panicking-kernel", whenNeeded)).error?.message).toContain("came back in");
    await expectOnly("grub-other-kernel");
  });

  it("knows systemd-boot's entries with counters", async () => {
    expect((await deployed("counting", whenNeeded)).outcome).toBe("committed");
    await shell("rm -rf /boot/grub");
    expect((await deployed("counting-other-kernel", whenNeeded)).outcome).toBe("committed");
    await expectOnly("counting-other-kernel");
    expect((await deployed("panicking-kernel", whenNeeded)).error?.message).toContain("came back in");
    await expectOnly("counting-other-kernel");
  });
});
