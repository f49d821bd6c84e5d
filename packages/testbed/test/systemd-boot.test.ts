import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "../src/index.ts";
import { consoleOf, reboot } from "./support/boots.ts";
import { copySystem, installSystem, sh } from "./support/systems.ts";

const ENTRIES = "/boot/loader/entries";

describe.skipIf(noHosts)("a host with systemd-boot", () => {
  let bed: Testbed;
  let host: HostInfo;
  let plain: string;

  beforeAll(async () => {
    bed = await temporaryTestbed();
    [host] = (await bed.up(["alpha"])) as [HostInfo];
    plain = await installSystem(bed, host, "plain");
  });
  afterAll(() => bed.down());

  /** Adds a generation that is not the default one, and returns its toplevel. */
  async function addGeneration(name: string): Promise<string> {
    const toplevel = await installSystem(bed, host, name);
    await sh(bed, host, `${plain}/bin/switch-to-configuration boot`);
    return toplevel;
  }
  const newestEntry = () => sh(bed, host, `cd ${ENTRIES} && ls -v | tail -n 1`);

  test("boots what bootctl set for one boot, then the default", async () => {
    const other = await addGeneration("other-kernel");
    await sh(bed, host, `bootctl set-oneshot ${await newestEntry()}`);
    expect(await sh(bed, host, "bootctl status")).toContain("OneShot Entry: nixos-generation-3.conf");
    expect(await reboot(bed, host)).toBe(other);
    expect(await sh(bed, host, "bootctl status")).toContain("Current Entry: nixos-generation-3.conf");
    expect(await reboot(bed, host)).toBe(plain);
  });

  test("forgets a one-shot entry that bootctl cleared", async () => {
    await sh(bed, host, "bootctl set-oneshot nixos-generation-3.conf && bootctl set-oneshot ''");
    expect(await reboot(bed, host)).toBe(plain);
  });

  test("boots what bootctl set as default, over loader.conf, until it is cleared", async () => {
    await sh(bed, host, "bootctl set-default nixos-generation-1.conf");
    const first = await sh(bed, host, "readlink -f /nix/var/nix/profiles/system-1-link");
    expect(await reboot(bed, host)).toBe(first);
    await sh(bed, host, "bootctl set-default ''");
    expect(await reboot(bed, host)).toBe(plain);
  });

  test.each([
    ["set-oneshot", "Too few arguments."],
    ["set-oneshot one two", "Too many arguments."],
    ["set-oneshot @nonsense", "Unsupported special entry identifier: @nonsense"],
    ["fly", "Unknown command verb 'fly'."],
  ])("bootctl %s: %s", async (argv, message) => {
    expect(await bed.exec(host.name, ["sh", "-c", `bootctl ${argv}`])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: message,
    });
  });

  test("comes back with the default after one boot of a kernel that panics", async () => {
    await addGeneration("panicking");
    await sh(bed, host, `bootctl set-oneshot ${await newestEntry()}`);
    expect(await reboot(bed, host)).toBe(plain);
    expect((await consoleOf(bed, host)).slice(-3)).toEqual([
      expect.stringContaining("Kernel panic - not syncing"),
      "Rebooting in 1 seconds..",
      `booting ${plain}/init`,
    ]);
  });

  test("passes over an entry whose kernel is missing", async () => {
    const entry = await newestEntry();
    await sh(bed, host, `sed -i 's|^linux .*|linux /EFI/nixos/gone.efi|' ${ENTRIES}/${entry}`);
    await sh(bed, host, `bootctl set-oneshot ${entry}`);
    expect(await reboot(bed, host)).toBe(plain);
  });

  test("resets for ever, once a second, with a default that panics", async () => {
    await installSystem(bed, host, "panicking");
    await bed.exec(host.name, ["systemctl", "reboot"]);
    const panics = async () =>
      (await consoleOf(bed, host)).filter((line) => line.startsWith("Kernel")).length;
    const before = await panics();
    await expect.poll(panics, { timeout: 60_000 }).toBeGreaterThan(before + 3);
    expect((await bed.status())[0]?.state).toBe("running");
    await bed.kill(host.name);
    expect((await bed.status())[0]?.state).toBe("off");
  });
});

describe.skipIf(noHosts)("a host with boot counting", () => {
  let bed: Testbed;
  let host: HostInfo;
  const entries = async () => (await sh(bed, host, `cd ${ENTRIES} && ls -v`)).split("\n");

  beforeAll(async () => {
    bed = await temporaryTestbed();
    [host] = (await bed.up(["alpha"])) as [HostInfo];
  });
  afterAll(() => bed.down());

  test("takes the counter off an entry after a good boot", async () => {
    const counted = await installSystem(bed, host, "counted");
    expect(await entries()).toEqual(["nixos-generation-1.conf", "nixos-generation-2+2.conf"]);
    expect(await reboot(bed, host)).toBe(counted);
    await expect
      .poll(entries, { timeout: 60_000 })
      .toEqual(["nixos-generation-1.conf", "nixos-generation-2.conf"]);
    expect(await sh(bed, host, "bootctl status")).toContain("Current Entry: nixos-generation-2.conf");
  });

  test("gives an entry up that does not come up, and keeps its counter over an installation", async () => {
    const running = await sh(bed, host, "readlink -f /run/booted-system");
    const panicking = await installSystem(bed, host, "counted-panicking");
    expect(await entries()).toContain("nixos-generation-3+2.conf");
    expect(await reboot(bed, host)).toBe(running);
    expect(await entries()).toContain("nixos-generation-3+0-2.conf");
    await sh(bed, host, `${panicking}/bin/switch-to-configuration boot`);
    expect(await entries()).toContain("nixos-generation-3+0-2.conf");
    expect(await reboot(bed, host)).toBe(running);
  });

  test("boots an entry without tries left when bootctl says so", async () => {
    const lines = (await consoleOf(bed, host)).length;
    await sh(bed, host, "bootctl set-oneshot nixos-generation-3.conf");
    await reboot(bed, host);
    expect((await consoleOf(bed, host)).slice(lines).join("\n")).toContain("Kernel panic");
    expect(await entries()).toContain("nixos-generation-3+0-3.conf");
  });

  test("names entries after their content as newer NixOS does", async () => {
    const counted = await copySystem(host, "counted-by-content");
    await installSystem(bed, host, "counted-by-content");
    expect(await entries()).toContainEqual(expect.stringMatching(/^nixos-[0-9a-f]{64}\+2\.conf$/));
    expect(await reboot(bed, host)).toBe(counted);
    const file = await sh(bed, host, `grep -l init=${counted}/ ${ENTRIES}/*`);
    await expect
      .poll(() => sh(bed, host, `grep -l init=${counted}/ ${ENTRIES}/*`), { timeout: 60_000 })
      .toBe(file.replace(/\+.*\.conf$/, ".conf"));
  });
});
