import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Connection,
  createBuilder,
  type DeploymentEvent,
  type DeploymentRequest,
  deploy,
  type HealthCheck,
  inspectHost,
  openHost,
  type StorePath,
} from "../src/index.ts";
import { buildSystems } from "./support/systems.ts";

const { signal } = new AbortController();
const builder = createBuilder();
let bed: Testbed;
let host: HostInfo;
let systems: Record<string, StorePath>;

const system = (name: string): StorePath => systems[name] as StorePath;
const connection = (): Connection => ({
  ssh: { host: host.address, identityFile: host.identityFile, hostKey: host.hostKey },
});
const inspect = () => inspectHost("web01", connection(), { signal });
// Which processes of the host have exactly this command line.
const running = (line: string) =>
  sh(`for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline | grep -x '${line} ' && echo $p; done`);
const sh = async (line: string) => (await bed.exec("web01", ["sh", "-c", line])).stdout.trim();

async function deployed(
  name: string,
  healthChecks: readonly HealthCheck[],
  changes: Partial<DeploymentRequest> = {},
  stop: AbortSignal = signal,
) {
  const events: DeploymentEvent[] = [];
  const started = Date.now();
  const request: DeploymentRequest = {
    name: "web01",
    connection: connection(),
    toplevel: system(name),
    goal: "switch",
    healthChecks,
    ...changes,
    rollback: { confirmTimeout: "8s", ...changes.rollback },
  };
  const options = { builder, signal: stop, onEvent: (event: DeploymentEvent) => events.push(event) };
  const result = await deploy(request, options).then(
    ({ outcome }) => ({ outcome: outcome as string, message: "" }),
    (error) => ({ outcome: error.code as string, message: error.message as string }),
  );
  const checks = events.filter((event) => event.type === "check");
  const warnings = events.filter((event) => event.type === "warning").map(({ message }) => message);
  return { ...result, checks, warnings, seconds: (Date.now() - started) / 1000 };
}

// Nothing is tried twice, so that a failure is quick.
const once = { retries: 0, timeout: "2s" } as const;

describe.skipIf(noHosts)("health checks on a real host", () => {
  beforeAll(async () => {
    bed = await temporaryTestbed();
    const [hosts, built] = await Promise.all([
      bed.up(["web01"]),
      buildSystems(["one", "two", "three", "late", "ended"]),
    ]);
    host = hosts[0] as HostInfo;
    systems = built;
    expect(await deployed("one", [])).toMatchObject({ outcome: "committed" });
  });
  afterAll(() => bed.down());

  it("keeps a system whose checks all hold, and tells each of them", async () => {
    const { outcome, message, checks } = await deployed("two", [
      { systemd: { units: ["sshd.service", "multi-user.target"] } },
      { tcp: { port: 22 } },
      { disk: { free: "1MiB" } },
      {
        name: "marker",
        command: { run: `test "$(cat /etc/marker)" = two && grep -q x=y= /dev/null; test $? = 1` },
      },
    ]);
    expect([outcome, message]).toEqual(["committed", ""]);
    expect(checks.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
      "disk- passed",
      "marker passed",
      "systemd-sshd.service-multi-user.target passed",
      "tcp-22 passed",
    ]);
  });

  it.each<[string, HealthCheck, string]>([
    [
      "a unit that is not there",
      { systemd: { units: ["sshd.service", "missing.service"] } },
      "missing.service is inactive",
    ],
    ["a port without a listener", { tcp: { port: 2222 } }, "nothing listens on port 2222"],
    [
      "too little space",
      { disk: { path: "/nix/store", free: "4000TiB" } },
      "MiB free in /nix/store, and 4194304000 MiB are wanted",
    ],
    [
      "a path that is not there",
      { disk: { path: "/no/such place", free: "1B" } },
      "the free space of /no/such place is not known: ",
    ],
    [
      "a command that fails",
      { command: { run: "echo out of order >&2; exit 3" } },
      "exit status 3: out of order",
    ],
    [
      "a command that hangs",
      { command: { run: "echo almost; sleep 1000" } },
      "it did not end within 2 s: almost",
    ],
    [
      "a command that cannot be ended",
      { command: { run: "trap '' TERM INT; while :; do sleep 1; done" } },
      "it did not end within 2 s",
    ],
    ["a command that never stops talking", { command: { run: "yes" } }, "it did not end within 2 s: y"],
  ])("goes back for %s", async (_title, check, reason) => {
    const before = await inspect();
    const { outcome, message, checks, seconds } = await deployed("three", [{ name: "x", ...check, ...once }]);
    expect(message).toContain("web01 was rolled back: health check x: ");
    expect(message).toContain(reason);
    expect(outcome).toBe("rolled-back");
    expect(checks).toMatchObject([{ name: "x", state: "failed", attempt: 1 }]);
    expect(seconds).toBeLessThan(30);
    expect(await inspect()).toMatchObject({ running: before.running, generation: before.generation });
  });

  it("shows the journal of a unit that is not active, though systemd does not call it failed", async () => {
    const { outcome, message, warnings } = await deployed("ended", [
      { systemd: { units: ["marker.service"] }, ...once },
    ]);
    expect(outcome).toBe("rolled-back");
    expect(message).toContain("marker.service is inactive");
    expect(warnings.join()).toMatch(/marker\.service failed:\n[\s\S]*nothing to serve/);
  });

  it("waits for a service that becomes ready later, and tells each attempt once", async () => {
    const check: HealthCheck = {
      name: "ready",
      command: { run: "test -e /run/ready" },
      interval: "1s",
      retries: 20,
    };
    const { outcome, checks } = await deployed("late", [check]);
    expect(outcome).toBe("committed");
    expect(checks.at(-1)).toMatchObject({ state: "passed" });
    expect(checks.length).toBeGreaterThanOrEqual(3);
    expect(checks.slice(0, -1).every(({ state }) => state === "waiting")).toBe(true);
    expect(checks.map(({ attempt }) => attempt)).toEqual(checks.map((_, index) => index + 1));
  });

  it("gives a service its grace before the first attempt", async () => {
    expect((await deployed("two", [])).outcome).toBe("committed");
    const check: HealthCheck = {
      name: "ready",
      command: { run: "test -e /run/ready" },
      grace: "6s",
      ...once,
    };
    expect(await deployed("late", [check])).toMatchObject({ outcome: "committed", checks: [{ attempt: 1 }] });
  });

  it("runs checks side by side, and no line of one gets into another's", async () => {
    const long = "x".repeat(900);
    const slow = Array.from(
      { length: 12 },
      (_, index): HealthCheck => ({
        name: `slow-${index}`,
        command: {
          run: `sleep 3; echo ${long}; test -e /run/again-${index} || { touch /run/again-${index}; exit 1; }`,
        },
        interval: "1s",
      }),
    );
    const { outcome, checks, seconds } = await deployed("three", slow);
    expect(outcome).toBe("committed");
    expect(checks.filter(({ state }) => state === "passed")).toHaveLength(12);
    expect(checks.filter(({ state, message }) => state === "waiting" && message.endsWith(long))).toHaveLength(
      12,
    );
    expect(seconds).toBeLessThan(12 * 6);
  });

  it("warns and keeps the system where the policy says so", async () => {
    const checks: HealthCheck[] = [
      { name: "there", tcp: { port: 2222 }, ...once },
      { name: "here", command: { run: "echo not seen; exit 1", on: "controller" }, ...once },
    ];
    const { outcome, warnings } = await deployed("one", checks, { rollback: { unhealthy: "warn" } });
    expect(outcome).toBe("committed");
    expect(warnings).toEqual([
      "health check there: nothing listens on port 2222",
      "health check here: exit status 1: not seen",
    ]);
    expect((await inspect()).running).toBe(system("one"));
  });

  it("is called off while checks run", async () => {
    const controller = new AbortController();
    const check: HealthCheck = { name: "stray", command: { run: "setsid sleep 4321" }, timeout: "500s" };
    const marker = join(tmpdir(), `on-failure-${process.pid}`);
    const hooks = { onFailure: ["touch", marker] };
    const deployment = deployed("two", [check], { hooks }, controller.signal);
    await expect.poll(() => running("sleep 4321"), { timeout: 60_000 }).not.toBe("");
    controller.abort();
    expect(await deployment).toMatchObject({ outcome: "cancelled" });
    expect(existsSync(marker)).toBe(false);
    await expect
      .poll(async () => (await inspect()).deployments[0]?.outcome, { timeout: 20_000 })
      .toBe("rolled-back");
    expect((await inspect()).deployments[0]?.reason).toContain("called off");
  });

  it("leaves nothing running of what checks started, however it hides", async () => {
    const id = "checks-and-strays";
    const checks: HealthCheck[] = [
      { name: "holds", command: { run: "setsid sleep 4322 >/dev/null 2>&1 & exit 0" } },
      { name: "hangs", command: { run: "setsid sh -c 'trap : TERM; sleep 4322'" }, ...once, retries: 1 },
    ];
    await using open = openHost("web01", connection());
    await open.copy(system("two"), { signal, onProgress: () => {} });
    const request = {
      id,
      token: "x".repeat(32),
      by: "test",
      confirmTimeout: 60_000,
      activationTimeout: 60_000,
    };
    await open.begin(
      { ...request, to: system("two"), goal: "switch", unhealthy: "warn", checks },
      { signal },
    );
    const phase = () => sh(`cat /var/lib/homelab-deploy/deployments/${id}/phase`);
    await expect.poll(phase, { timeout: 60_000 }).toBe("waiting");
    const unit = await sh(`systemctl show --property=ControlGroup --value homelab-activate-${id}.service`);
    expect(await running("sleep 4322")).toBe("");
    expect(
      (await sh(`cat /sys/fs/cgroup${unit}/cgroup.procs | xargs -n1 -I{} cat /proc/{}/comm | sort -u`)).split(
        "\n",
      ),
    ).not.toContain("timeout");
    await open.abort(id, { signal });
    await expect.poll(async () => (await inspect()).lock, { timeout: 30_000 }).toBeUndefined();
  });

  it("refuses checks that are none", async () => {
    const hostile = [
      "x tcp 0 2 10 5 22; touch /tmp/pwned",
      "$(touch /tmp/pwned) tcp 0 2 10 5 22",
      "x tcp 0 2 010 5 22",
      "x tcp 0 2 0 5 22",
      "x tcp 0 2 10 5 0",
      "x tcp 0 2 10 5 65536",
      "x systemd 0 2 10 5 --host=other",
      "x systemd 0 2 10 5 $(id).service",
      "x disk 0 2 10 5 1 etc",
      "x http 0 2 10 5 http://localhost",
      "x command 0 2 10 5",
      "x command 0 2 9999999 5 true",
      "../x command 0 2 10 5 true",
    ];
    const script = (await sh("readlink /nix/var/nix/gcroots/homelab-deploy/guard")) || "";
    for (const [index, check] of hostile.entries()) {
      const lines = [
        `id=hostile-check-${index}`,
        `token=${"x".repeat(32)}`,
        `to=${system("two")}`,
        "goal=switch",
        `check=${check}`,
      ];
      const { stdout } = await bed.exec("web01", [
        "sh",
        "-c",
        'printf "%s\\n" "$@" | sh "$0" begin',
        script,
        ...lines,
      ]);
      expect(stdout, check).toContain("not a health check");
    }
    expect(await sh("ls /tmp/pwned 2>/dev/null")).toBe("");
    expect((await inspect()).lock).toBeUndefined();
  });

  describe("from the controller", () => {
    it("keep a system that answers, and are told as events", async () => {
      const server = createServer((_, response) => response.end("marker two")).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const { outcome, checks } = await deployed("two", [
        { http: { url, body: "marker" } },
        { tcp: { port: 22, from: "controller" } },
        {
          name: "context",
          command: { run: 'test "$HOMELAB_HOST:$HOMELAB_GOAL" = web01:switch', on: "controller" },
        },
      ]);
      server.close();
      expect(checks.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
        "context passed",
        `http ${url} passed`,
        "tcp 22 passed",
      ]);
      expect(outcome).toBe("committed");
    });

    it("put back what ran before, and say what was seen", async () => {
      const check: HealthCheck = { tcp: { port: 2222, from: "controller" }, retries: 1, interval: "1s" };
      const { outcome, message } = await deployed("three", [check]);
      expect([outcome, message]).toEqual([
        "rolled-back",
        expect.stringMatching(/^web01 was rolled back: health check tcp 2222: .*ECONNREFUSED/),
      ]);
      expect((await inspect()).running).toBe(system("two"));
      expect((await inspect()).deployments[0]?.reason).toMatch(
        /^the controller called the deployment off: health check tcp 2222: .*refused/i,
      );
    });

    it("may take longer than the host waits for a confirmation alone", async () => {
      const check: HealthCheck = { name: "slow", command: { run: "sleep 6", on: "controller" } };
      expect((await deployed("three", [check], { rollback: { confirmTimeout: "3s" } })).outcome).toBe(
        "committed",
      );
    });
  });

  it("runs hooks around a deployment, with its context", async () => {
    const directory = await mkdtemp(join(tmpdir(), "hooks-"));
    const tell = `echo "$HOMELAB_HOOK $HOMELAB_OUTCOME" >>${directory}/told`;
    const hooks = { beforeCopy: tell, beforeActivation: tell, afterHealthy: tell, onFailure: tell };
    const failing: HealthCheck[] = [{ name: "x", tcp: { port: 2222 }, ...once }];
    expect((await deployed("one", [], { hooks })).outcome).toBe("committed");
    expect((await deployed("two", failing, { hooks })).outcome).toBe("rolled-back");
    const before = await inspect();
    const stopped = await deployed("two", [], {
      hooks: { ...hooks, beforeActivation: "echo closed on Sundays; exit 1" },
    });
    expect(stopped.outcome).toBe("hook-failed");
    expect(stopped.message).toContain("closed on Sundays");
    expect((await inspect()).deployments[0]?.id).toBe(before.deployments[0]?.id);
    expect((await readFile(`${directory}/told`, "utf8")).trim().split("\n")).toEqual([
      "beforeCopy ",
      "beforeActivation ",
      "afterHealthy committed",
      "beforeCopy ",
      "beforeActivation ",
      "onFailure rolled-back",
      "beforeCopy ",
      "onFailure hook-failed",
    ]);
    await rm(directory, { recursive: true });
  });
});
