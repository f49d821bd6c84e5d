import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "../src/index.ts";
import { run } from "../src/process.ts";
import { sh, sshOptions } from "./support/systems.ts";

describe.skipIf(noHosts)("a host with a wrong clock", () => {
  let bed: Testbed;
  let host: HostInfo;

  beforeAll(async () => {
    bed = await temporaryTestbed();
    [host] = (await bed.up(["alpha"])) as [HostInfo];
  });
  afterAll(() => bed.down());

  test("shows it to all new processes, and works", async () => {
    // As the README says.
    await sh(
      bed,
      host,
      `systemctl set-environment FAKETIME_DONT_FAKE_MONOTONIC=1
      echo FAKETIME_DONT_FAKE_MONOTONIC=1 >>/etc/environment
      echo +1h >/etc/faketimerc
      echo /usr/lib/*/faketime/libfaketimeMT.so.1 >/etc/ld.so.preload`,
    );
    const uptime = Number(await sh(bed, host, "cut -d. -f1 /proc/uptime"));
    const command =
      "date +%s; systemctl is-system-running; systemd-run --quiet --property=Type=oneshot --property=StandardOutput=file:/root/seen date +%s; cat /root/seen; cut -d. -f1 /proc/uptime";
    const login = await run(["ssh", ...sshOptions(host), `${host.user}@${host.address}`, command]);
    const [here, state, inService, uptimeNow] = login.split("\n");
    const wrong = Date.now() / 1000 + 3600;
    expect(Math.abs(Number(here) - wrong)).toBeLessThan(60);
    expect(Math.abs(Number(inService) - wrong)).toBeLessThan(60);
    expect(state).toBe("running");
    expect(Number(uptimeNow) - uptime).toBeLessThan(60);
    await sh(bed, host, "rm /etc/ld.so.preload");
    expect(Math.abs(Number(await sh(bed, host, "date +%s")) - wrong + 3600)).toBeLessThan(60);
  });
});
