import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "../src/index.ts";
import { consoleOf, reboot } from "./support/boots.ts";
import { installSystem, sh } from "./support/systems.ts";

const ALL = "NixOS - All configurations";
const ENVIRONMENT = "grub-editenv /boot/grub/grubenv list";

describe.skipIf(noHosts)("a host with GRUB", () => {
  let bed: Testbed;
  let host: HostInfo;
  let installed: string;
  let one: string;
  let two: string;

  beforeAll(async () => {
    bed = await temporaryTestbed();
    [host] = (await bed.up(["alpha"])) as [HostInfo];
    installed = await sh(bed, host, "readlink -f /run/current-system");
    one = await installSystem(bed, host, "grub");
    two = await installSystem(bed, host, "grub-two");
  });
  afterAll(() => bed.down());

  const titleOf = async (generation: number) =>
    sh(
      bed,
      host,
      `sed -n 's/.*menuentry "\\(.*Configuration ${generation} .*\\)" .*/\\1/p' /boot/grub/grub.cfg`,
    );

  test("boots the first entry of the menu, which is the newest system", async () => {
    expect(await reboot(bed, host)).toBe(two);
    expect(await sh(bed, host, "ls /boot/loader 2>&1 || true")).toContain("No such file");
    expect(await bed.exec(host.name, ["bootctl", "set-oneshot", "x.conf"])).toMatchObject({
      exitCode: 1,
      stderr: "Not booted with UEFI.",
    });
  });

  test.each([
    ["by numbers", async () => "1>1"],
    ["by titles", async () => `${ALL}>${await titleOf(2)}`],
    ["by a number and a title", async () => `1>${await titleOf(2)}`],
  ])("boots once what grub-reboot named %s", async (_, entry) => {
    await sh(bed, host, `grub-reboot '${await entry()}'`);
    expect(await sh(bed, host, ENVIRONMENT)).toContain(`next_entry=${await entry()}`);
    expect(await reboot(bed, host)).toBe(one);
    expect(await sh(bed, host, ENVIRONMENT)).toMatch(/^next_entry=$/m);
    expect(await reboot(bed, host)).toBe(two);
  });

  test("takes the first entry where there is none of the name", async () => {
    await sh(bed, host, "grub-reboot '1>nonsense'");
    expect(await reboot(bed, host)).toBe(two);
  });

  test("boots every generation of the profile, the oldest one last", async () => {
    await sh(bed, host, "grub-reboot '1>2'");
    expect(await reboot(bed, host)).toBe(installed);
    expect(await reboot(bed, host)).toBe(two);
  });

  test("comes back with the default after one boot of a kernel that panics", async () => {
    await installSystem(bed, host, "grub-panicking");
    await sh(bed, host, `${two}/bin/switch-to-configuration boot`);
    await sh(bed, host, `grub-reboot '${ALL}>${await titleOf(4)}'`);
    expect(await reboot(bed, host)).toBe(two);
    expect((await consoleOf(bed, host)).slice(-3)).toEqual([
      expect.stringContaining("Kernel panic - not syncing"),
      "Rebooting in 1 seconds..",
      `booting ${two}/init`,
    ]);
  });

  test("waits at its menu where a kernel is missing, and boots the default when switched on again", async () => {
    await sh(bed, host, `sed -i '/Configuration 2 /,/}/s|bzImage|gone|' /boot/grub/grub.cfg`);
    await sh(bed, host, "grub-reboot '1>2'");
    await bed.exec(host.name, ["systemctl", "reboot"]);
    await expect
      .poll(async () => (await consoleOf(bed, host)).at(-1), { timeout: 60_000 })
      .toMatch(/^GRUB: error: file .*gone' not found\.$/);
    expect((await bed.status())[0]?.state).toBe("running");
    await bed.kill(host.name);
    await bed.boot(host.name);
    expect(await sh(bed, host, "readlink -f /run/booted-system")).toBe(two);
  });

  test("is started by systemd-boot again once that is installed", async () => {
    const plain = await installSystem(bed, host, "plain");
    expect(await reboot(bed, host)).toBe(plain);
    expect(await sh(bed, host, "bootctl status")).toContain("Current Entry: nixos-generation-5.conf");
  });
});
