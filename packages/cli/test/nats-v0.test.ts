import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHost } from "@homelab-deploy/core";
import { type NatsServer, noHosts, startNatsServer } from "@homelab-deploy/testbed";
import { connect, type NatsConnection, nkeyAuthenticator, nkeys } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentSummary } from "../src/history/summaries.ts";
import { runCommand } from "../src/run-command.ts";
import { runHere } from "./support/run-cli.ts";
import { openSite, type Site } from "./support/site.ts";

// Written from the text of the protocol alone: a client of version 0, with nothing of this repository in it.
interface Response {
  hostname: string;
  status: string;
  error: string | null;
  message: string;
}
async function plainClient(servers: string, nkeyFile: string) {
  const seed = new TextEncoder().encode(readFileSync(nkeyFile, "utf8").trim());
  const connection: NatsConnection = await connect({ servers, authenticator: nkeyAuthenticator(seed) });
  let count = 0;
  return {
    async deploy(subject: string, revision: string, action = "switch", hosts = 1): Promise<Response[]> {
      const reply_to = `deploy.responses.plain${++count}`;
      const responses: Response[] = [];
      const subscription = connection.subscribe(reply_to);
      connection.publish(subject, JSON.stringify({ action, revision, reply_to }));
      for await (const message of subscription) {
        responses.push(message.json<Response>());
        const ended = responses.filter(({ status }) => /rejected|completed|failed/.test(status));
        if (ended.length === hosts) break;
      }
      return responses;
    },
    async discover(): Promise<unknown[]> {
      const reply_to = `deploy.responses.plain${++count}`;
      const found: unknown[] = [];
      const subscription = connection.subscribe(reply_to);
      connection.publish("deploy.discover", JSON.stringify({ reply_to }));
      setTimeout(() => subscription.unsubscribe(), 1000);
      for await (const message of subscription) found.push(message.json());
      return found;
    },
    close: () => connection.close(),
  };
}

const branches = {
  master: `{ environment.etc.marker.text = "master"; }`,
  two: `{ environment.etc.marker.text = "two"; }`,
  slow: `{ environment.etc.marker.text = "slow"; systemd.services.slow = { wantedBy = [ "multi-user.target" ];
    serviceConfig = { Type = "oneshot"; RemainAfterExit = true; ExecStart = "/bin/sh -c 'sleep 5'"; }; }; }`,
  failing: `{ environment.etc.marker.text = "failing"; systemd.services.failing = { wantedBy = [ "multi-user.target" ];
    serviceConfig = { Type = "oneshot"; ExecStart = "/bin/sh -c 'echo out of luck; exit 1'"; }; }; }`,
  "no-build": `{ pkgs, ... }: { environment.etc.marker.source = derivation {
    name = "no-build"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo no luck; exit 1" ]; }; }`,
  "no-evaluation": `{ environment.etc.marker.text = undefinedVariable; }`,
  cut: `{ environment.etc.marker.text = "cut"; networking.useDHCP = false; }`,
};

describe.skipIf(noHosts)("listeners on hosts, and a client that knows the protocol's text alone", () => {
  let site: Site;
  let client: Awaited<ReturnType<typeof plainClient>>;
  const marker = (host: string) => site.shell(host, "cat /etc/marker 2>/dev/null || true");
  const statuses = (responses: readonly Response[]) => responses.map(({ status }) => status);

  beforeAll(async () => {
    site = await openSite(["web01", "ns1"], branches);
    await site.keepEvents();
    await Promise.all([
      site.listen("web01", "--tier", "test"),
      site.listen("ns1", "--tier", "test", "--role", "dns"),
    ]);
    client = await plainClient(site.server.url, site.nkeyFile);
  });
  afterAll(async () => {
    await client?.close();
    await site?.remove();
  });

  it("finds them", async () => {
    const found = await client.discover();
    expect(found).toContainEqual(expect.objectContaining({ hostname: "web01", tier: "test" }));
    expect(found).toContainEqual(
      expect.objectContaining({
        hostname: "ns1",
        role: "dns",
        deploy_subjects: ["deploy.test.ns1", "deploy.test.all", "deploy.test.role.dns"],
      }),
    );
  });

  it("are confined, and have systemd do what they may not", async () => {
    const shown = "systemctl show -p ProtectSystem -p CapabilityBoundingSet homelab-deploy-listener";
    const properties = (await site.shell("web01", shown)).trim().split("\n");
    expect(properties.sort()).toEqual(["CapabilityBoundingSet=", "ProtectSystem=strict"]);
  });

  it("by hostname: one is deployed to", async () => {
    const responses = await client.deploy("deploy.test.web01", "master");
    expect(statuses(responses)).toEqual(["accepted", "started", "completed"]);
    expect(responses.at(-1)).toEqual({
      hostname: "web01",
      status: "completed",
      error: null,
      message: "Successfully switched to generation 2",
    });
    expect([await marker("web01"), await marker("ns1")]).toEqual(["master", ""]);
  });

  it("by role: those of the role are", async () => {
    const responses = await client.deploy("deploy.test.role.dns", "two", "test");
    expect(responses.map(({ hostname, status }) => `${hostname} ${status}`)).toEqual([
      "ns1 accepted",
      "ns1 started",
      "ns1 completed",
    ]);
    expect([await marker("web01"), await marker("ns1")]).toEqual(["master", "two"]);
  });

  it("by all: every host of the tier is", async () => {
    const responses = await client.deploy("deploy.test.all", "two", "switch", 2);
    for (const hostname of ["web01", "ns1"]) {
      expect(statuses(responses.filter((response) => response.hostname === hostname))).toEqual([
        "accepted",
        "started",
        "completed",
      ]);
    }
    expect([await marker("web01"), await marker("ns1")]).toEqual(["two", "two"]);
  });

  it.each([
    ["failing", "build_failed", /rolled back.*failing\.service/s],
    ["no-build", "build_failed", /no luck/],
    ["no-evaluation", "build_failed", /undefinedVariable/],
    ["missing", "invalid_revision", /has no revision missing/],
    ["0123456789abcdef0123456789abcdef01234567", "invalid_revision", /has no revision 0123/],
  ])("a revision that fails, %s: is told, and what ran before runs", async (revision, error, message) => {
    const responses = await client.deploy("deploy.test.web01", revision);
    expect(statuses(responses)).toEqual(["accepted", "started", "failed"]);
    expect(responses.at(-1)).toMatchObject({ error, message: expect.stringMatching(message) });
    expect(await marker("web01")).toBe("two");
  });

  it("rejects what is wrong, and what comes while a deployment is under way", async () => {
    const slow = client.deploy("deploy.test.web01", "slow");
    const rejected = async (revision: string, action: string) => {
      const [response, ...more] = await client.deploy("deploy.test.web01", revision, action);
      return [response?.status, response?.error, more.length];
    };
    expect(await rejected("master", "reboot")).toEqual(["rejected", "invalid_action", 0]);
    expect(await rejected("--impure", "switch")).toEqual(["rejected", "invalid_revision", 0]);
    expect(await rejected("master", "switch")).toEqual(["rejected", "already_running", 0]);
    expect(statuses(await slow)).toEqual(["accepted", "started", "completed"]);
  });

  it("a system without a network is taken back: nothing confirms it", async () => {
    const responses = await client.deploy("deploy.test.ns1", "cut");
    expect(responses.at(-1)).toMatchObject({
      status: "failed",
      message: expect.stringContaining("rolled back"),
    });
    expect(await marker("ns1")).toBe("two");
  });

  it("a listener that is killed while its host activates: the next one tells the end", async () => {
    await client.deploy("deploy.test.web01", "two");
    const deployed = client.deploy("deploy.test.web01", "slow");
    await site.shell(
      "web01",
      "for _ in $(seq 400); do systemctl is-active slow.service | grep -q activating && exit; sleep 0.1; done; systemctl status slow.service homelab-deploy-listener >&2; exit 1",
    );
    await site.shell("web01", "systemctl kill --signal=KILL homelab-deploy-listener");
    const responses = await deployed;
    expect(responses.at(-1)).toMatchObject({
      message: expect.stringMatching(/^Successfully switched to generation/),
    });
    expect(statuses(responses)).toEqual(["accepted", "started", "completed"]);
    expect(await marker("web01")).toBe("slow");
    expect(await site.shell("web01", "ls /var/lib/homelab-deploy/listener")).toBe("");
    expect(await site.shell("web01", "journalctl -u homelab-deploy-listener")).toContain(
      "going on with deployment",
    );
  });

  it("history --fleet: tells what the hosts' own journals say, of all of them", async () => {
    const login = ["--nats-url", site.server.url, "--nkey-file", site.nkeyFile];
    const fleet = async (): Promise<DeploymentSummary[]> => {
      const { stdout } = await runHere("history", "--fleet", "--json", ...login);
      return JSON.parse(stdout);
    };
    const journal = async (name: string) => {
      await using host = openHost(name, {
        nats: { url: site.server.url, nkeyFile: site.nkeyFile, tier: "test" },
      });
      // Waited for, before the host is closed.
      return await host.history(50, { signal: new AbortController().signal });
    };
    for (const name of ["web01", "ns1"]) {
      // A listener that was cut off finds out within half a minute, and then tells what it could not tell.
      const length = () =>
        journal(name).then(
          (deployments) => deployments.length,
          () => 0,
        );
      await expect.poll(length, { timeout: 90_000, interval: 1000 }).toBeGreaterThan(2);
      const expected = (await journal(name)).map(({ id, by, goal, from, to, revision, outcome, reason }) => ({
        ...{ id, by, goal, from, to, revision, outcome },
        ...(reason && { reason }),
      }));
      const told = async () =>
        (await fleet())
          .filter(({ host }) => host === name)
          .map(({ tier: _tier, host: _host, begun: _begun, phase: _phase, seconds: _s, ...one }) => one);
      await expect.poll(told, { timeout: 90_000, interval: 1000 }).toEqual(expected);
    }
    const [newest] = await fleet();
    expect(newest).toMatchObject({ host: "web01", tier: "test", goal: "switch", outcome: "committed" });
    expect(newest?.seconds).toBeGreaterThan(4);
  });

  it("a listener that is stopped ends well, and says so", async () => {
    await site.shell("ns1", "systemctl stop homelab-deploy-listener");
    const journal = await site.shell("ns1", "journalctl -u homelab-deploy-listener -o cat");
    expect(journal).toMatch(/^stopped$/m);
    expect(journal).toContain("homelab-deploy-listener.service: Deactivated successfully");
  });
});

describe("homelab-deploy deploy, and listeners that know the protocol's text alone", () => {
  const main = join(import.meta.dirname, "../src/main.ts");
  let directory: string;
  let nkeyFile: string;
  let server: NatsServer;
  let listeners: NatsConnection;
  const received: unknown[] = [];
  const run = (args: string[], env: Record<string, string> = {}) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      const argv = ["--conditions=@homelab-deploy/source", main, ...args];
      const reach = ["--nats-url", server.url, "--nkey-file", nkeyFile];
      execFile(
        process.execPath,
        [...argv, ...reach],
        { env: { ...process.env, ...env } },
        (error, stdout, stderr) => resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
      );
    });

  // A listener as the protocol's text has it: it knows no discovery but what is said there, and no field more.
  const listen = (hostname: string, role: string | null, last: object) => {
    const subjects = [
      `deploy.prod.${hostname}`,
      "deploy.prod.all",
      ...(role ? [`deploy.prod.role.${role}`] : []),
    ];
    const say = (to: string, what: object) => listeners.publish(to, JSON.stringify({ hostname, ...what }));
    for (const subject of subjects) {
      listeners.subscribe(subject, {
        callback: (_error, message) => {
          const request = message.json<{ reply_to: string }>();
          received.push({ ...request, reply_to: undefined });
          say(request.reply_to, { status: "accepted", error: null, message: "Deployment accepted" });
          say(request.reply_to, { status: "started", error: null, message: "Deployment started" });
          setTimeout(() => say(request.reply_to, last), 300);
        },
      });
    }
    listeners.subscribe("deploy.discover", {
      callback: (_error, message) =>
        say(message.json<{ reply_to: string }>().reply_to, { tier: "prod", role, deploy_subjects: subjects }),
    });
  };
  const good = { status: "completed", error: null, message: "Successfully switched to generation 42" };

  beforeAll(async () => {
    const user = nkeys.createUser();
    directory = mkdtempSync(join(tmpdir(), "homelab-deploy-test-"));
    nkeyFile = join(directory, "nkey");
    writeFileSync(nkeyFile, new TextDecoder().decode(user.getSeed()));
    server = await startNatsServer({
      config: `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`,
    });
    listeners = await connect({ servers: server.url, authenticator: nkeyAuthenticator(user.getSeed()) });
    listen("web01", null, good);
    listen("ns1", "dns", good);
    listen("ns2", "dns", {
      status: "failed",
      error: "build_failed",
      message: "nixos-rebuild: exit status 1",
    });
    // It is found, and says nothing when it is asked for a deployment.
    listeners.subscribe("deploy.discover", {
      callback: (_error, message) => {
        const asleep = {
          hostname: "nas",
          tier: "prod",
          deploy_subjects: ["deploy.prod.role.storage", "deploy.prod.nas"],
        };
        listeners.publish(message.json<{ reply_to: string }>().reply_to, JSON.stringify(asleep));
      },
    });
    listeners.subscribe("deploy.prod.role.storage");
  });
  afterAll(async () => {
    await listeners?.close();
    await server?.remove();
    rmSync(directory, { recursive: true });
  });

  it("one host: tells its progress on stderr and the result on stdout", async () => {
    const { status, stdout, stderr } = await run(["deploy", "deploy.prod.web01"]);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `HOST   STATUS     ERROR  MESSAGE\nweb01  completed  -      ${good.message}\n`,
    });
    expect(stderr).toBe(
      `web01: accepted: Deployment accepted\nweb01: started: Deployment started\nweb01: completed: ${good.message}\n`,
    );
    expect(received.at(-1)).toEqual({ action: "switch", revision: "master" });
  });

  it("an alias, a role, a branch and an action: waits for all, and fails with one that fails", async () => {
    const alias = { HOMELAB_DEPLOY_ALIAS_PROD_DNS: "deploy.prod.role.dns" };
    const { status, stdout } = await run(
      ["deploy", "prod-dns", "--branch", "main", "--action", "boot", "--json"],
      alias,
    );
    expect([status, JSON.parse(stdout)]).toEqual([
      1,
      {
        ...{
          subject: "deploy.prod.role.dns",
          action: "boot",
          revision: "main",
          completed: false,
          missing: [],
        },
        hosts: [
          { hostname: "ns1", ...good },
          {
            hostname: "ns2",
            status: "failed",
            error: "build_failed",
            message: "nixos-rebuild: exit status 1",
          },
        ],
      },
    ]);
    expect(received.slice(-2)).toEqual(Array(2).fill({ action: "boot", revision: "main" }));
  });

  it("says who did not answer", async () => {
    const { status, stdout, stderr } = await run(["deploy", "deploy.prod.role.storage", "--timeout", "2"]);
    expect([status, stdout]).toEqual([1, "HOST  STATUS     ERROR  MESSAGE\nnas   no answer  -\n"]);
    expect(stderr).toContain("1 to answer: nas");
  });

  it("nobody listens: said at once, with what to do", async () => {
    const { status, stdout, stderr } = await run(["deploy", "deploy.prod.web99"]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^nobody listens on deploy\.prod\.web99\nHint: .*homelab-deploy hosts/);
  });

  it("hosts: tells who listens", async () => {
    const { status, stdout } = await run(["hosts", "--role", "dns"]);
    expect([status, stdout.split("\n").map((line) => line.split(/ +/).slice(0, 3))]).toEqual([
      0,
      [["HOST", "TIER", "ROLE"], ["ns1", "prod", "dns"], ["ns2", "prod", "dns"], [""]],
    ]);
    const all = JSON.parse((await run(["hosts", "--tier", "prod", "--json"])).stdout);
    expect(all.map(({ hostname }: { hostname: string }) => hostname)).toEqual(["nas", "ns1", "ns2", "web01"]);
    expect((await run(["hosts", "--tier", "test"])).stdout.split("\n")).toHaveLength(2);
  });

  it.each([
    [["deploy", "staging"], /neither a subject nor an alias: staging/],
    [["deploy", "deploy.prod.>"], /not a NATS subject without wildcards/],
    [["deploy", "deploy.prod.web01", "--branch", "--help"], /not a Git branch or commit/],
    [["deploy", "deploy.prod.web01", "--branch", "a..b"], /not a Git branch or commit/],
    [["deploy", "deploy.prod.web01", "--action", "reboot"], /switch, boot, test, dry-activate/],
    [["deploy", "deploy.prod.web01", "--timeout", "0"], /not a number of seconds/],
    [["deploy"], /missing required argument/],
    [["listener", ...listener({ tier: "staging" })], /--tier: not a tier: "staging"/],
    [["listener", ...listener({ hostname: "-x" })], /--hostname: not a host name/],
    [["listener", ...listener({ role: "a.b" })], /--role: not a word/],
    [["listener", ...listener({ timeout: "10m" })], /--timeout: not a number of seconds/],
    [["listener", ...listener({ "flake-url": "path:/etc/nixos" })], /--flake-url: not a flake with branches/],
    [
      ["listener", ...listener({ "deploy-subject": "deploy.<host>" })],
      /--deploy-subject: .*no variable <host>/,
    ],
    [["listener", ...listener({ "discover-subject": "a b" })], /--discover-subject: .*not a NATS subject/],
    [["listener", ...listener({ tier: undefined })], /required option '--tier/],
  ])("refuses %j in a sentence, with status 2", async (args, reason) => {
    let [stdout, stderr] = ["", ""];
    const status = await runCommand([...args, "--nats-url", server.url, "--nkey-file", nkeyFile], {
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
      signal: new AbortController().signal,
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

// Flags of a listener, all of them right but for the changed ones.
function listener(changes: Record<string, string | undefined>): string[] {
  const flags = {
    hostname: "web01",
    tier: "test",
    "flake-url": "git+https://git.example.com/x.git",
    ...changes,
  };
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}=${value}`],
  );
}
