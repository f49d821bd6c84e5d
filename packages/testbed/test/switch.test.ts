import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "../src/index.ts";
import { copySystem, sh } from "./support/systems.ts";

describe.skipIf(noHosts)("switch-to-configuration", () => {
  let bed: Testbed;
  let host: HostInfo;
  let plain: string;

  beforeAll(async () => {
    bed = await temporaryTestbed();
    [host] = (await bed.up(["alpha"])) as [HostInfo];
    plain = await copySystem(host, "plain");
  });
  beforeEach(() => activate(plain));
  afterAll(() => bed.down());

  const activate = (toplevel: string) =>
    bed.exec(host.name, [`${toplevel}/bin/switch-to-configuration`, "test"]);
  const running = () => sh(bed, host, "readlink -f /run/current-system");

  test.each([
    ["plain", 0, ""],
    ["failing-snippet", 2, "Activation script snippet 'failing' failed (1)"],
    ["failing-unit", 4, "warning: the following units failed: failing.service"],
    ["failing-both", 4, "Failed to run activate script"],
  ])("activates %s with exit status %i", async (name, status, message) => {
    const toplevel = await copySystem(host, name);
    const { exitCode, stderr } = await activate(toplevel);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(status);
    expect(await running()).toBe(toplevel);
  });

  test.each([
    ["refused", 1, "not today\nPre-switch check 'refuses' failed\nPre-switch checks failed"],
    ["other-init", 100, "won't take effect until you reboot the system.\n"],
  ])("leaves the host as it is with %s, exit status %i", async (name, status, message) => {
    const { exitCode, stderr } = await activate(await copySystem(host, name));
    expect(`${stderr}\n`).toContain(message);
    expect(exitCode).toBe(status);
    expect(await running()).toBe(plain);
  });

  test("lets one switch at a time do its work", async () => {
    const lock = "/run/nixos/switch-to-configuration.lock";
    expect(
      await bed.exec(host.name, ["flock", lock, `${plain}/bin/switch-to-configuration`, "test"]),
    ).toMatchObject({ exitCode: 11, stderr: "Could not acquire lock" });
  });

  test("executes systemd again when its version changed, which the host survives", async () => {
    const other = await copySystem(host, "other-systemd");
    expect(await sh(bed, host, `readlink -f ${plain}/systemd`)).toMatch(/-systemd-257\.\d+$/);
    expect(await sh(bed, host, `readlink -f ${other}/systemd`)).toMatch(/-systemd-258\.\d+$/);
    const { exitCode, stderr } = await activate(other);
    expect(stderr).toContain("restarting systemd...");
    expect(exitCode).toBe(0);
    expect(await sh(bed, host, "systemctl is-system-running --wait")).toBe("running");
  });
});
