import { noHosts } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { useHost } from "./support/use-host.ts";

const lock = "/run/nixos/switch-to-configuration.lock";

describe.skipIf(noHosts)("an activation on a real host", () => {
  const { system, deployed, inspect, shell, restart } = useHost("web01");
  const notices = (events: readonly object[]) => JSON.stringify(events);
  const expectOld = async () => {
    const status = await inspect();
    expect(status).toMatchObject({
      running: system("one"),
      bootDefault: system("one"),
      profile: system("one"),
    });
    expect(await shell("ls /run/homelab-deploy; ls /nix/var/nix/gcroots/homelab-deploy")).toBe(
      "begin.lock\nguard",
    );
    return status;
  };

  it("begins with a host that is as wanted", async () => {
    expect((await deployed("one")).outcome).toBe("committed");
    await expectOld();
  });

  it("that its own checks refuse changes nothing", async () => {
    const { error } = await deployed("refusing");
    expect(error?.message).toContain("did not take the new system");
    expect(error?.message).toContain("refuse' failed");
    expect(error?.message).toContain("nothing was changed");
    await expectOld();
  });

  it("that only a reboot leads to changes nothing, and says so", async () => {
    const { error } = await deployed("other-init");
    expect(error).toMatchObject({ code: "rolled-back" });
    expect(error?.message).toContain("cannot run without a reboot (exit status 100)");
    await expectOld();
  });

  it("with a failed snippet is rolled back, and the snippet named", async () => {
    const { error } = await deployed("broken-snippet");
    expect(error?.message).toContain("activation snippets failed: broken");
    await expectOld();
  });

  it("with a failed snippet is kept, with a warning, where the policy says so", async () => {
    const { outcome, events } = await deployed("broken-snippet", { rollback: { unhealthy: "warn" } });
    expect(outcome).toBe("committed");
    expect(events).toContainEqual({ type: "warning", message: "activation snippets failed: broken" });
    expect((await deployed("one", { rollback: { unhealthy: "warn" } })).outcome).toBe("committed");
  });

  it("that does not end is ended, and what ran before runs again", async () => {
    const { error } = await deployed("hanging", { rollback: { activationTimeout: "5s" } });
    expect(error?.message).toContain("did not end within 5 s");
    await expectOld();
    expect(await shell("pgrep -xf 'sleep 300' || true")).toBe("");
  });

  it("starts again what a failed activation stopped and both systems have", async () => {
    await shell("systemctl start by-hand");
    const { error, events } = await deployed("stopping");
    expect(error).toMatchObject({ code: "rolled-back" });
    expect(notices(events)).toContain("by-hand.service did not run any more, and was started again");
    expect(await shell("systemctl is-active by-hand; systemctl stop by-hand")).toBe("active");
    await expectOld();
  });

  it("waits for another one, and says which when that does not end", async () => {
    await shell(
      `mkdir -p /run/nixos; (exec 7>${lock}; flock 7; exec bash -c 'exec -a switch-to-configuration sleep 60') >/dev/null 2>&1 &`,
    );
    const { error } = await deployed("two");
    expect(error?.message).toMatch(/another activation is under way: process \d+ \(switch-to-configuration/);
    await shell("pkill -f switch-to-configuration || true");
    await expectOld();
  });

  it("ends one that hangs since long, and tells", async () => {
    await shell(
      `(exec 7>${lock}; flock 7; exec bash -c 'exec -a switch-to-configuration sleep 60') >/dev/null 2>&1 & sleep 3`,
    );
    const { outcome, events } = await deployed("two", { rollback: { activationTimeout: "3s" } });
    expect(outcome).toBe("committed");
    expect(notices(events)).toContain("ended a switch-to-configuration that hung");
    expect((await deployed("one")).outcome).toBe("committed");
  });

  it("removes a stale lock that some other program holds", async () => {
    await shell(`(exec 7>${lock}; flock 7; exec sleep 30) >/dev/null 2>&1 &`);
    const { outcome, events } = await deployed("two");
    expect(outcome).toBe("committed");
    expect(notices(events)).toContain("removed a stale lock of switch-to-configuration");
    expect(await shell("pgrep -x sleep")).not.toBe("");
    expect((await deployed("one")).outcome).toBe("committed");
  });

  it("keeps what somebody else activates meanwhile", async () => {
    expect((await deployed("two")).outcome).toBe("committed");
    expect((await deployed("one")).outcome).toBe("committed");
    const hand = `${system("two")}/bin/switch-to-configuration`;
    const outcome = deployed("silent", { rollback: { confirmTimeout: "25s" } });
    await expect
      .poll(() => shell("cat /var/lib/homelab-deploy/deployments/*/phase"), { timeout: 60_000 })
      .toContain("waiting");
    await shell(`nix-env -p /nix/var/nix/profiles/system --set ${system("two")} && ${hand} switch`);
    expect((await outcome).error).toMatchObject({ code: "superseded" });
    expect(await inspect()).toMatchObject({ running: system("two"), bootDefault: system("two") });
    expect((await deployed("one")).outcome).toBe("committed");
  });

  it("of a host with a unit that flaps is committed; the same unit is newly failing elsewhere", async () => {
    const { error, events } = await deployed("flapping");
    expect(error?.message).toContain("newly failing: flapping.service");
    expect(notices(events)).toContain("down again");
    await expectOld();
    expect((await deployed("flapping", { rollback: { unhealthy: "warn" } })).outcome).toBe("committed");
    expect((await deployed("flapping-two")).outcome).toBe("committed");
    expect((await deployed("one")).outcome).toBe("committed");
  });

  it("during which the listener is killed is committed; one that brings a listener that flaps is not", async () => {
    const settings = "--unit=homelab-deploy-listener --property=Restart=always --property=RestartSec=60";
    await shell(`systemd-run --quiet ${settings} sleep infinity`);
    expect((await deployed("killed-listener")).outcome).toBe("committed");
    expect(await shell("systemctl show --property=SubState --value homelab-deploy-listener")).toBe(
      "auto-restart",
    );
    expect((await deployed("one")).outcome).toBe("committed");
    await shell("systemctl stop homelab-deploy-listener");
    const { error } = await deployed("listener");
    expect(error?.message).toContain("newly failing: homelab-deploy-listener.service");
    await expectOld();
  });

  it("that cannot be taken back ends in a reboot, where the host may do that", async () => {
    expect((await deployed("stubborn")).outcome).toBe("committed");
    await shell("touch /var/lib/stubborn");
    const { error, events } = await deployed("failing", { rollback: { rescue: "reboot" } });
    expect(error).toMatchObject({ code: "rolled-back" });
    expect(notices(events)).toContain("rebooting into it");
    expect(await inspect()).toMatchObject({ running: system("stubborn"), booted: system("stubborn") });
    expect(await shell("ls -d /etc/systemd/system.attached 2>/dev/null || true")).toBe("");
    const failed = await deployed("failing");
    expect(failed.error).toMatchObject({ code: "rollback-failed" });
    await restart();
    expect(await inspect()).toMatchObject({ running: system("stubborn"), failedUnits: [] });
  });
});
