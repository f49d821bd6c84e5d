import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "../src/index.ts";
import { bootId, reboot } from "./support/boots.ts";
import { sh } from "./support/systems.ts";

describe.skipIf(noHosts)("a test host", () => {
  let bed: Testbed;
  let host: HostInfo;

  beforeAll(async () => {
    bed = await temporaryTestbed();
    [host] = (await bed.up(["alpha"])) as [HostInfo];
  });
  afterAll(() => bed.down());

  test("boots again when it asks for a reboot, with its cable, its disk and a new boot id", async () => {
    const before = await bootId(bed, host);
    await sh(bed, host, "echo kept > /root/disk; echo lost > /run/memory");
    await reboot(bed, host);
    const after = await bootId(bed, host);
    expect(after).not.toBe(before);
    expect(await sh(bed, host, "journalctl --boot --output=json --lines=1")).toContain(
      after.replaceAll("-", ""),
    );
    expect(await sh(bed, host, "ip -brief address show eth0")).toContain(host.address);
    expect(await sh(bed, host, "cat /root/disk; ls /run")).not.toContain("memory");
    expect(await sh(bed, host, "cat /root/disk")).toBe("kept");
  });

  test("has one boot id for all of its processes as long as it runs", async () => {
    const seen = await sh(
      bed,
      host,
      "systemd-run --quiet --wait --pipe cat /proc/sys/kernel/random/boot_id; cat /proc/sys/kernel/random/boot_id",
    );
    expect(new Set(seen.split("\n")).size).toBe(1);
  });

  test("stays off when it has powered itself off, until it is switched on", async () => {
    const before = await bootId(bed, host);
    await bed.exec(host.name, ["systemctl", "poweroff"]);
    await expect.poll(async () => (await bed.status())[0]?.state, { timeout: 60_000 }).toBe("off");
    await bed.boot(host.name);
    expect(await bootId(bed, host)).not.toBe(before);
    expect(await sh(bed, host, "cat /root/disk")).toBe("kept");
  });

  test("is off when its power is cut while it is being switched on", async () => {
    const state = async () => (await bed.status())[0]?.state;
    for (let attempt = 0; attempt < 5; attempt++) {
      await bed.kill(host.name);
      const booting = bed.boot(host.name).catch(() => {});
      while ((await state()) === "off") await setImmediate();
      await sleep(2 * attempt);
      await bed.kill(host.name);
      expect(await state()).toBe("off");
      await booting;
      expect(await state()).toBe("off");
    }
    await bed.boot(host.name);
    expect(await sh(bed, host, "cat /root/disk")).toBe("kept");
  });
});
