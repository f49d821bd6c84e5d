import { connect, createServer } from "node:net";
import { noHosts } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { deploy, inspectHost, openHost } from "../src/index.ts";
import { useHost } from "./support/use-host.ts";

const { signal } = new AbortController();

function isReachable(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 500 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

describe.skipIf(noHosts)("the guard on a real host", () => {
  const { bed, host, connection, find, inspect, shell, system, deployed } = useHost("web01");
  const profileLinks = () => shell("ls -l --time-style=full-iso /nix/var/nix/profiles");

  it("switches: the host runs and boots the new system, in a new generation", async () => {
    const before = await inspect();
    const { outcome, status } = await deployed("one");
    expect(outcome).toBe("committed");
    expect(status).toMatchObject({
      running: system("one"),
      profile: system("one"),
      bootDefault: system("one"),
    });
    expect(status?.generation).toBe((before.generation ?? 0) + 1);
    expect(await shell("cat /etc/marker")).toBe("one");
  });

  it("does not touch a host that runs the wanted system", async () => {
    const before = await profileLinks();
    const { outcome, events } = await deployed("one");
    expect(outcome).toBe("unchanged");
    expect(events.map((event) => event.type === "phase" && event.phase)).toEqual(["connecting"]);
    expect(await profileLinks()).toBe(before);
  });

  it("tests: the host runs the system until it restarts, and boots the old one", async () => {
    const { outcome, status } = await deployed("two", { goal: "test" });
    expect(outcome).toBe("activated");
    expect(status).toMatchObject({
      running: system("two"),
      profile: system("one"),
      bootDefault: system("one"),
    });
    await bed().kill("web01");
    await bed().boot("web01");
    expect(await inspect()).toMatchObject({ running: system("one"), booted: system("one") });
  });

  it("boots: the host goes on as it is, and runs the system after a restart", async () => {
    const { outcome, status } = await deployed("two", { goal: "boot" });
    expect(outcome).toBe("committed");
    expect(status).toMatchObject({
      running: system("one"),
      profile: system("two"),
      bootDefault: system("two"),
    });
    await bed().kill("web01");
    await bed().boot("web01");
    expect(await inspect()).toMatchObject({ running: system("two"), booted: system("two") });
  });

  it("dry-activates: tells the units and changes nothing", async () => {
    const before = await profileLinks();
    const { outcome, status, events } = await deployed("slow", { goal: "dry-activate" });
    expect(outcome).toBe("dry-activated");
    expect(status?.running).toBe(system("two"));
    expect(JSON.stringify(events)).toContain("would start the following units: marker.service");
    expect(await profileLinks()).toBe(before);
  });

  it("rolls back when a unit newly fails, and shows the unit's journal", async () => {
    const before = await profileLinks();
    const { error, events } = await deployed("failing");
    expect(error).toMatchObject({
      code: "rolled-back",
      message: "web01 was rolled back: newly failing: marker.service",
    });
    const warning = events.find((event) => event.type === "warning");
    expect(warning?.message).toContain("out of luck");
    expect(await inspect()).toMatchObject({
      running: system("two"),
      bootDefault: system("two"),
      failedUnits: [],
    });
    expect(await profileLinks()).toBe(before);
  });

  it("gives back a host that its new system cut off, within the confirm time and ten seconds", async () => {
    const confirmTimeout = 6;
    const outcome = deployed("silent", { rollback: { confirmTimeout: `${confirmTimeout}s` } });
    const look = `cd /var/lib/homelab-deploy/deployments && cat $(dirname $(grep -l to=${system("silent")} */record))/phase`;
    const phase = () => bed().exec("web01", ["sh", "-c", look]);
    await expect.poll(async () => (await phase()).stdout, { timeout: 60_000 }).toContain("waiting");
    const waiting = performance.now();
    expect(await isReachable(host().address)).toBe(false);
    await expect.poll(() => isReachable(host().address), { timeout: 60_000 }).toBe(true);
    expect((performance.now() - waiting) / 1000).toBeLessThan(confirmTimeout + 10);
    expect((await outcome) as object).toMatchObject({ error: { code: "rolled-back" } });
    const status = await inspect();
    expect(status).toMatchObject({ running: system("two"), bootDefault: system("two") });
    expect(status.deployments[0]).toMatchObject({ outcome: "rolled-back", to: system("silent") });
    expect(status.deployments[0]?.reason).toContain("nobody confirmed within 6 s");
  });

  it("refuses a second deployment and names the first", async () => {
    const first = deployed("slow");
    await expect.poll(async () => (await inspect()).lock, { timeout: 30_000 }).toBeDefined();
    const second = await deployed("one");
    expect(second.error).toMatchObject({ code: "locked" });
    expect(String(second.error)).toMatch(/being deployed by root@.*switch to/);
    expect((await first).outcome).toBe("committed");
  });

  it("builds on the host itself, from the derivation alone", async () => {
    const { toplevel, derivation } = find("three");
    expect((await bed().exec("web01", ["ls", toplevel])).exitCode).not.toBe(0);
    const request = { name: "web01", connection: connection(), toplevel, derivation, rollback: {} };
    const options = { builder: { build: () => expect.unreachable() }, signal, onEvent: () => {} };
    expect((await deploy({ ...request, buildOn: "target", goal: "switch" }, options)).outcome).toBe(
      "committed",
    );
  });

  it("goes on with what nobody hears of any more, and forgets what was not begun as a whole", async () => {
    const lines = {
      id: "nobody-hears",
      token: "x".repeat(32),
      to: system("one"),
      goal: "test",
      by: "test",
      confirmTimeout: "1",
    };
    const request = Object.entries(lines).map(([key, value]) => `${key}=${value}`);
    await shell(`
      mkdir -p /var/lib/homelab-deploy/deployments/cut-short /run/homelab-deploy/cut-short
      echo '${request.join("\n")}' >/tmp/request
      sh /nix/var/nix/gcroots/homelab-deploy/guard begin 2>&1 </tmp/request | true`);
    await expect
      .poll(async () => (await inspect()).deployments[0], { timeout: 30_000 })
      .toMatchObject({ id: "nobody-hears", outcome: "rolled-back" });
    const left =
      "ls -d /var/lib/homelab-deploy/deployments/cut-short /run/homelab-deploy/*/ 2>/dev/null || true";
    expect(await shell(left)).toBe("");
  });

  it("leaves no unit, no lock and no garbage collector root behind", async () => {
    const look =
      "systemctl list-units --all --plain --no-legend 'homelab-activate-*'; ls /run/homelab-deploy/";
    const roots = "; ls /nix/var/nix/gcroots/homelab-deploy";
    const { stdout } = await bed().exec("web01", ["sh", "-c", look + roots]);
    expect(stdout.split("\n").filter((line) => line !== "")).toEqual(["begin.lock", "guard"]);
  });

  describe("refuses", () => {
    const request = {
      id: "hostile-request",
      token: "x".repeat(32),
      goal: "switch",
      by: "test",
      confirmTimeout: 5000,
      activationTimeout: 5000,
    } as const;
    const begin = async (changes: object) => {
      await using open = openHost("web01", connection());
      await open.copy(system("one"), { signal, onProgress: () => {} });
      await open.begin({ ...request, to: system("one"), ...changes }, { signal });
    };
    const noSystem = async () => {
      const made = await bed().exec("web01", ["sh", "-c", "echo x > /tmp/file; nix-store --add /tmp/file"]);
      return made.stdout.trim();
    };

    it("a store path that is no NixOS system", async () =>
      expect(begin({ to: await noSystem() })).rejects.toMatchObject({ code: "refused" }));
    it.each([
      [
        "a system that is not in the store",
        { to: "/nix/store/00000000000000000000000000000000-nixos-system-x" },
      ],
      ["a path outside the store", { to: "/etc" }],
      ["a path that leaves the store", { to: "/nix/store/../../etc" }],
      ["a command in the path", { to: "/nix/store/00000000000000000000000000000000-$(touch /tmp/pwned)" }],
      ["an id that is a path", { id: "../../../../tmp/pwned" }],
      ["an id that is a command", { id: "x;touch /tmp/pwned;" }],
      ["a goal that is a command", { goal: "switch; touch /tmp/pwned" }],
      ["a short token", { token: "x" }],
    ])("%s", async (_title, changes) => {
      await expect(begin(changes)).rejects.toMatchObject({ name: "DeployError" });
      expect((await bed().exec("web01", ["sh", "-c", "ls /tmp/pwned 2>/dev/null"])).stdout).toBe("");
      expect((await inspect()).lock).toBeUndefined();
    });
    it("keeps quotes and commands in the deployer's name as text", async () => {
      const by = `a"b'c $(touch /tmp/pwned) \`touch /tmp/pwned\` \\ ü`;
      await begin({ by, goal: "dry-activate" });
      await expect
        .poll(async () => (await inspect()).deployments[0]?.outcome, { timeout: 30_000 })
        .toBeDefined();
      expect((await inspect()).deployments[0]?.by).toBe(`a"b'c $(touch /tmp/pwned) \`touch /tmp/pwned\` \\ `);
      expect((await bed().exec("web01", ["sh", "-c", "ls /tmp/pwned 2>/dev/null"])).stdout).toBe("");
    });
    it("a confirmation with another token", async () => {
      await using open = openHost("web01", connection());
      await open.begin({ ...request, id: "stale-token", to: system("two"), goal: "test" }, { signal });
      const confirmed = open.confirm("stale-token", "y".repeat(32), { signal });
      await expect(confirmed).rejects.toMatchObject({ code: "refused" });
      await open.abort("stale-token", { signal });
      await expect.poll(async () => (await inspect()).lock, { timeout: 30_000 }).toBeUndefined();
      expect((await inspect()).deployments[0]).toMatchObject({ id: "stale-token", outcome: "rolled-back" });
    });
  });

  it("deploys as a user who becomes root by sudo", async () => {
    expect((await deployed("administered")).outcome).toBe("committed");
    const steps = [
      "mkdir -p /home/admin/.ssh",
      "cp /root/.ssh/authorized_keys /home/admin/.ssh/",
      "chown -R admin /home/admin",
    ];
    await bed().exec("web01", ["sh", "-c", steps.join(" && ")]);
    const asAdmin = { connection: connection({ user: "admin" }) };
    expect((await deployed("administered-two", asAdmin)).outcome).toBe("committed");
  });

  describe("connects", () => {
    const failure = (changes: object) =>
      inspectHost("web01", connection(changes), { signal }).then(
        () => "no error",
        (error: Error & { code: string }) => [error.code, error.message],
      );

    it("only to the host with the pinned key", async () => {
      const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJPz0XJ3Vz1s4DmBZlYqQ2nq0hfUoQ0k6mSm5P9rWdG";
      expect(await failure({ hostKey: other })).toEqual([
        "host-key",
        expect.stringContaining("web01 did not show"),
      ]);
    });
    it("and says that login is denied", async () =>
      expect(await failure({ user: "nobody" })).toEqual([
        "unreachable",
        expect.stringContaining("does not let us in"),
      ]));
    it("and says that nobody listens", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const port = (server.address() as { port: number }).port;
      await new Promise((resolve) => server.close(resolve));
      expect(await failure({ host: "127.0.0.1", port })).toEqual([
        "unreachable",
        expect.stringMatching(/web01 cannot be reached: .*refused/i),
      ]);
    });
  });
});
