import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHost } from "@homelab-deploy/core";
import { createUserKey, type HostStore } from "@homelab-deploy/core/nats";
import { startNatsServer } from "@homelab-deploy/testbed";
import { headers } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentSummary } from "../src/history/summaries.ts";
import { requestDeployment } from "../src/nats/request-deployment.ts";
import { before, type MemoryListener, memoryListener, systemOf } from "./support/memory-listeners.ts";
import { type NatsSite, startNatsSite } from "./support/nats-site.ts";
import { runHere } from "./support/run-cli.ts";

const users = `
hosts:
  web01: { tier: prod }
  db01: { tier: prod }
  lab01: { tier: test }
deployers:
  ci: { tier: prod }
  lab: { tier: test }
assistants: { desk: }
admins: { alice: }
`;
const commit = "2c1f3e5a7b9d0c2e4f6a8b0d1c3e5f7a9b0c1d2e";
const store: HostStore = {
  missing: async () => [],
  substitute: async () => {},
  fetch: async () => {},
  build: async () => {},
};
const { signal } = new AbortController();
const patient = { timeout: 30_000 };

describe("homelab-deploy history --fleet", () => {
  let site: NatsSite;
  const listeners = new Map<string, MemoryListener>();

  const login = (user: string) => ["--nats-url", site.server.url, "--nkey-file", site.keyFile(user)];
  const history = (user: string, ...args: string[]) => runHere("history", "--fleet", ...login(user), ...args);
  const read = async (user: string, ...args: string[]): Promise<DeploymentSummary[]> =>
    JSON.parse((await history(user, "--json", ...args)).stdout);
  const outcomes = (deployments: readonly DeploymentSummary[]) =>
    deployments.map(({ host, to, outcome }) => [host, to, outcome]);
  /** A deployment by version 0 to its end. */
  const deploy = async (user: string, subject: string, revision: string) => {
    const nats = await site.connect(user);
    const options = { signal, timeout: 30_000, onResponse: () => {} };
    await requestDeployment(nats, subject, { action: "switch", revision }, options);
  };
  const machineOf = (host: string) => {
    const found = listeners.get(host);
    if (found === undefined) throw new Error(`there is no host ${host}`);
    return found.host;
  };
  /** What the stream has taken: a listener does not wait for that. */
  const kept = (user: string, length: number, ...args: string[]) =>
    expect
      .poll(
        async () => (await read(user, ...args)).filter(({ outcome }) => outcome !== undefined).length,
        patient,
      )
      .toBe(length);

  beforeAll(async () => {
    site = await startNatsSite(users);
    for (const [hostname, tier] of [
      ["web01", "prod"],
      ["db01", "prod"],
      ["lab01", "test"],
    ] as const) {
      const server = { url: site.server.url, nkeyFile: site.keyFile(`hosts/${hostname}`) };
      listeners.set(hostname, await memoryListener(server, { hostname, tier, store }));
    }
  });
  afterAll(async () => {
    await Promise.all([...listeners.values()].map(({ stop }) => stop()));
    await site?.[Symbol.asyncDispose]();
  });

  it("nothing was deployed: an empty list, and a table of its head alone", async () => {
    expect(await read("deployers/ci")).toEqual([]);
    const { status, stdout, stderr } = await history("deployers/ci");
    expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/^BEGUN \(UTC\) +HOST.*\n$/), ""]);
  });

  it("tells the deployments of all hosts, the newest first: who, what, from which to which, and how it ended", async () => {
    await deploy("deployers/ci", "deploy.prod.all", "one");
    machineOf("web01").failure = () => "newly failing:\n nginx.service\x1b[2J";
    await deploy("deployers/ci", "deploy.prod.web01", "two");
    machineOf("web01").failure = () => undefined;
    await deploy("deployers/lab", "deploy.test.lab01", "three");

    // By version 1, as a program does it.
    const connection = { url: site.server.url, nkeyFile: site.keyFile("deployers/ci"), tier: "prod" };
    await using host = openHost("db01", { nats: connection });
    const [id, to] = [randomUUID(), systemOf("four")];
    machineOf("db01").store.add(to);
    const timeouts = { confirmTimeout: 30_000, activationTimeout: 30_000 };
    const request = {
      id,
      token: "secret-token",
      to,
      goal: "test",
      by: "anna@laptop",
      revision: commit,
    } as const;
    await host.begin({ ...request, ...timeouts }, { signal });
    const underWay = () => read("deployers/ci", "--count", "1");
    await expect.poll(underWay, patient).toMatchObject([{ id, phase: "waiting", by: "anna@laptop" }]);
    expect((await underWay())[0]).not.toHaveProperty("outcome");
    await expect
      .poll(() =>
        host.confirm(id, "secret-token", { signal }).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);

    await kept("deployers/ci", 4);
    const told = await read("deployers/ci");
    expect(told.slice(0, 2)).toEqual([
      {
        ...{ id, host: "db01", tier: "prod", goal: "test", by: "anna@laptop", revision: commit },
        ...{ from: systemOf("one"), to, phase: "waiting", outcome: "activated" },
        begun: expect.stringMatching(/^20.*Z$/),
        seconds: expect.any(Number),
      },
      {
        ...{ host: "web01", tier: "prod", goal: "switch", revision: "two" },
        ...{ id: expect.any(String), by: expect.stringContaining("@") },
        ...{ from: systemOf("one"), to: systemOf("two"), outcome: "rolled-back" },
        reason: "newly failing:\n nginx.service\x1b[2J",
        begun: expect.stringMatching(/^20.*Z$/),
        seconds: expect.any(Number),
      },
    ]);
    expect(outcomes(told.slice(2)).sort()).toEqual([
      ["db01", systemOf("one"), "committed"],
      ["web01", systemOf("one"), "committed"],
    ]);
    expect(told.at(-1)).toMatchObject({ from: before });
    expect(JSON.stringify(told)).not.toContain("secret-token");
  });

  it("writes a table, in which what a host says is a line and no order for the terminal", async () => {
    const { status, stdout, stderr } = await history("deployers/ci");
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect([status, stderr, rows.length]).toEqual([0, "", 4]);
    expect(head).toMatch(/^BEGUN \(UTC\) +HOST +TIER +GOAL +SYSTEM +REVISION +BY +TOOK +OUTCOME$/);
    expect(rows[0]).toMatch(
      /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d +db01 +prod +test +kc2yq0ql-four +2c1f3e5a7b9d +anna@laptop +\d s +activated$/,
    );
    expect(rows[1]).toMatch(/ two +\S+@\S+ +\d s +rolled-back: newly failing: nginx.service \[2J$/);
  });

  it("--count, a host, and --since tell fewer", async () => {
    expect(outcomes(await read("deployers/ci", "--count", "2"))).toEqual([
      ["db01", systemOf("four"), "activated"],
      ["web01", systemOf("two"), "rolled-back"],
    ]);
    expect(outcomes(await read("deployers/ci", "web01"))).toEqual([
      ["web01", systemOf("two"), "rolled-back"],
      ["web01", systemOf("one"), "committed"],
    ]);
    expect(await read("deployers/ci", "nas01")).toEqual([]);
    const [, second] = await read("deployers/ci");
    expect(await read("deployers/ci", "--since", "1h")).toHaveLength(4);
    expect(await read("deployers/ci", "--since", "99999d")).toHaveLength(4);
    expect(await read("deployers/ci", "--since", "1h", "--count", "1")).toHaveLength(1);
    expect(await read("deployers/ci", "--since", "2099-01-31")).toEqual([]);
    const since = new Date(Date.parse(second?.begun ?? "") + 1000).toISOString().slice(0, 19);
    const later = (await read("deployers/ci")).filter(({ begun }) => begun >= since);
    expect(await read("deployers/ci", "--since", since)).toEqual(later);
  });

  it("an admin reads one tier at a time, a deployer its own, and nobody else any", async () => {
    expect(await read("admins/alice", "--tier", "prod")).toEqual(await read("deployers/ci"));
    expect(outcomes(await read("admins/alice", "--tier", "test"))).toEqual([
      ["lab01", systemOf("three"), "committed"],
    ]);
    expect(outcomes(await read("deployers/lab"))).toEqual([["lab01", systemOf("three"), "committed"]]);
    expect(await read("deployers/lab", "--tier", "prod")).toEqual([]);
    const namesTier =
      /does not let this user publish to \$JS\.API\.STREAM\.INFO\.homelab-events\nHint: .*--tier/;
    for (const [user, ...args] of [
      ["hosts/web01"],
      ["hosts/web01", "--tier", "prod"],
      ["assistants/desk", "--tier", "test"],
      ["admins/alice"],
    ] as const) {
      const { status, stdout, stderr } = await history(user, ...args);
      expect([status, stdout, stderr]).toEqual([1, "", expect.stringMatching(namesTier)]);
    }
  });

  it("a host that was taken over adds to what was told, and changes nothing of it", async () => {
    const told = await read("deployers/ci");
    const mine = told.find(({ host }) => host === "web01");
    const web01 = await site.connect("hosts/web01");
    const deployment = { by: "bob", goal: "boot", from: before, to: before, revision: "", since: 1 };
    const event = { type: "end", outcome: "committed", reason: "" };
    const lie = {
      hostname: "db01",
      tier: "test",
      id: "x",
      number: 0,
      time: "2020-01-01T00:00:00Z",
      event,
      deployment,
    };
    const subject = `homelab.v1.prod.web01.events.${mine?.id}`;
    for (const rollup of ["sub", "all"]) {
      const inPlace = headers();
      inPlace.set("Nats-Rollup", rollup);
      await web01.publish(subject, JSON.stringify(lie), { headers: inPlace });
    }
    await web01.publish(subject, JSON.stringify(lie));
    await web01.publish(subject, "");
    await web01.publish("homelab.v1.prod.web01.events.no-such-deployment", "no JSON");
    await web01.publish("homelab.v1.prod.web01.events.other", JSON.stringify(lie));
    await kept("deployers/ci", told.length + 1);
    const [added, ...others] = await read("deployers/ci");
    expect(added).toMatchObject({ host: "web01", tier: "prod", id: "other", by: "bob" });
    expect(others).toEqual(told);
    expect(await read("deployers/ci", "--since", "1h")).toHaveLength(told.length + 1);
  });

  it("reads no more than the end of a long stream, and all of it where that is not enough", async () => {
    const lab01 = await site.connect("hosts/lab01");
    const say = (id: string, number: number, event: object) => {
      const message = { hostname: "lab01", tier: "test", id, number, time: new Date().toISOString(), event };
      lab01.connection.publish(`homelab.v1.test.lab01.events.${id}`, JSON.stringify(message));
    };
    // Nine deployments, one of which goes on for as long as all the others.
    say("deployment-long", 0, { type: "phase", phase: "activating" });
    for (let deployment = 1; deployment < 9; deployment++) {
      for (let number = 0; number < 1000; number++) {
        say(`deployment-${deployment}`, number, { type: "output", line: "x" });
        if (number % 100 === 0) say("deployment-long", number / 100, { type: "output", line: "x" });
      }
      say(`deployment-${deployment}`, 1000, { type: "end", outcome: "committed", reason: "" });
      await lab01.connection.flush();
    }
    say("deployment-long", 1000, { type: "end", outcome: "failed", reason: "it took too long" });
    await lab01.connection.flush();
    await kept("deployers/lab", 10);
    const ids = async (...args: string[]) => (await read("deployers/lab", ...args)).map(({ id }) => id);
    const newestFirst = [8, 7, 6, 5, 4, 3, 2, 1].map((number) => `deployment-${number}`);
    expect(await ids("--count", "1")).toEqual(newestFirst.slice(0, 1));
    expect(await ids("--count", "3")).toEqual(newestFirst.slice(0, 3));
    expect(await ids("--count", "9")).toEqual([...newestFirst, "deployment-long"]);
    expect((await ids()).slice(0, 9)).toEqual([...newestFirst, "deployment-long"]);
  });
});

describe("homelab-deploy history --fleet, where nothing is kept", () => {
  const directory = mkdtempSync(join(tmpdir(), "homelab-history-test-"));
  const key = join(directory, "key");

  beforeAll(() => writeFileSync(key, createUserKey().seed));
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each([
    [true, "it has no stream"],
    [false, "it has no JetStream"],
  ])("says what to do; JetStream: %s", async (jetstream, reason) => {
    await using server = await startNatsServer({ jetstream });
    const login = ["--nats-url", server.url, "--nkey-file", key];
    const { status, stdout, stderr } = await runHere("history", "--fleet", ...login);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      new RegExp(`^the NATS server keeps no events of deployments: ${reason}\nHint: .*nats-config apply`),
    );
  });
});
