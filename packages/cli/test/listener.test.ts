import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectedNats, connectNats, type DeployResponse } from "@homelab-deploy/core/nats";
import { type NatsServer, startNatsServer } from "@homelab-deploy/testbed";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { recordsIn } from "../src/listener/records.ts";
import { discover } from "../src/nats/discover.ts";
import { type DeploymentAnswers, requestDeployment } from "../src/nats/request-deployment.ts";
import {
  before,
  type MemoryListener,
  type MemoryListenerOptions,
  memoryListener,
  systemOf,
} from "./support/memory-listeners.ts";

const { signal } = new AbortController();

describe("a listener with a host in memory", () => {
  let server: NatsServer;
  let nats: ConnectedNats;
  const listeners: MemoryListener[] = [];
  const listen = async (options: MemoryListenerOptions) => {
    const made = await memoryListener(server.url, options);
    listeners.push(made);
    return made;
  };
  const deploy = async (subject: string, revision: string, action: "switch" | "boot" | "test" = "switch") => {
    const responses: DeployResponse[] = [];
    const onResponse = (response: DeployResponse) => responses.push(response);
    const request = { action, revision };
    const answers = await requestDeployment(nats, subject, request, { signal, timeout: 30_000, onResponse });
    return { ...answers, responses };
  };
  const statuses = ({ responses }: { responses: DeployResponse[] }) => responses.map(({ status }) => status);
  const errorOf = ({ hosts }: DeploymentAnswers) => hosts[0]?.error;

  beforeAll(async () => {
    server = await startNatsServer();
    nats = await connectNats({ url: server.url, name: "test", signal });
  });
  afterEach(async () => {
    await Promise.all(listeners.splice(0).map((listener) => listener.stop()));
  });
  afterAll(async () => {
    await nats.close();
    await server.remove();
  });

  it("tells a deployment from its acceptance to its completion", async () => {
    const { host } = await listen({ hostname: "web01" });
    const result = await deploy("deploy.test.web01", "main");
    expect(statuses(result)).toEqual(["accepted", "started", "completed"]);
    expect(result.hosts).toEqual([
      {
        hostname: "web01",
        status: "completed",
        error: null,
        message: "Successfully switched to generation 2",
      },
    ]);
    expect([host.running, host.calls.includes("confirm")]).toEqual([systemOf("main"), true]);
    expect(result.completed).toBe(true);
  });

  it("answers on the reply subject when there is no reply_to", async () => {
    await listen({ hostname: "web01" });
    const answer = await nats.connection.request("deploy.test.web01", '{"action":"boot","revision":"main"}');
    expect(answer.json()).toMatchObject({ hostname: "web01", status: "accepted", error: null });
  });

  it.each([
    ["missing", "failed", "invalid_revision"],
    ["broken", "failed", "build_failed"],
  ])("tells of the revision %s: %s, %s", async (revision, status, error) => {
    const { host } = await listen({ hostname: "web01" });
    const result = await deploy("deploy.test.web01", revision);
    expect([...statuses(result).slice(-1), errorOf(result)]).toEqual([status, error]);
    expect(host.running).toBe(before);
  });

  it.each([
    [{ action: "build", revision: "main" }, "invalid_action"],
    [{ action: "switch", revision: "--option" }, "invalid_revision"],
  ])("rejects %j", async (request, error) => {
    const { host } = await listen({ hostname: "web01" });
    const answer = await nats.connection.request("deploy.test.web01", JSON.stringify(request));
    expect(answer.json()).toMatchObject({ status: "rejected", error });
    expect(host.calls).not.toContain("begin");
  });

  it("rejects a second deployment while one is under way", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await listen({ hostname: "web01", building: () => promise });
    const first = deploy("deploy.test.web01", "main");
    await sleep(200);
    const second = await deploy("deploy.test.web01", "other");
    resolve();
    expect([...statuses(second), errorOf(second)]).toEqual(["rejected", "already_running"]);
    expect(second.hosts[0]?.message).toContain("switch to main is under way");
    expect((await first).completed).toBe(true);
  });

  it("tells a system that was rolled back as failed", async () => {
    const { host } = await listen({ hostname: "web01" });
    host.failure = () => "nginx.service failed";
    const result = await deploy("deploy.test.web01", "main");
    expect(result.hosts[0]).toMatchObject({ status: "failed", error: "build_failed" });
    expect(result.hosts[0]?.message).toContain("nginx.service failed");
  });

  it("gives up at its timeout", async () => {
    const building = (ended: AbortSignal) => sleep(60_000, undefined, { signal: ended });
    await listen({ hostname: "web01", timeout: 300, building });
    const result = await deploy("deploy.test.web01", "main");
    expect(result.hosts[0]).toMatchObject({ status: "failed", error: "timeout" });
    expect(result.hosts[0]?.message).toContain("longer than 0.3 s");
  });

  it("is found with its role, and deployed to by role and with all others of its tier", async () => {
    await listen({ hostname: "web01" });
    await listen({ hostname: "ns1", role: "dns" });
    await listen({ hostname: "ns2", role: "dns" });
    await listen({ hostname: "db01", tier: "prod", role: "dns" });
    const found = await discover(nats, { signal });
    expect(found.map(({ tier, hostname, role }) => [tier, hostname, role])).toEqual([
      ["prod", "db01", "dns"],
      ["test", "ns1", "dns"],
      ["test", "ns2", "dns"],
      ["test", "web01", undefined],
    ]);
    expect((await discover(nats, { signal, tier: "test", role: "dns" })).length).toBe(2);
    const byRole = await deploy("deploy.test.role.dns", "main");
    expect(byRole.hosts.map(({ hostname }) => hostname)).toEqual(["ns1", "ns2"]);
    const all = await deploy("deploy.test.all", "next");
    expect(all.hosts.map(({ hostname, status }) => [hostname, status])).toEqual(
      ["ns1", "ns2", "web01"].map((hostname) => [hostname, "completed"]),
    );
  });

  it("stopped while it builds: says so, and changes nothing", async () => {
    const building = (ended: AbortSignal) => sleep(60_000, undefined, { signal: ended });
    const { host, stop } = await listen({ hostname: "web01", building });
    const result = deploy("deploy.test.web01", "main");
    await sleep(300);
    await stop();
    expect((await result).hosts[0]).toMatchObject({
      status: "failed",
      message: "the listener was stopped; nothing was changed",
    });
    expect(host.running).toBe(before);
  });

  it("stopped while the host activates: the next one confirms, and tells the end", async () => {
    const directory = mkdtempSync(join(tmpdir(), "homelab-records-test-"));
    const records = recordsIn(directory);
    try {
      const { host, stop } = await listen({ hostname: "web01", records });
      host.fault = (method) => {
        if (method === "confirm") throw new Error("not yet");
      };
      const lost = { follow: host.follow.bind(host) };
      // The host is activating for as long as nobody hears of it.
      host.follow = (_id, _offset, { signal: ended }) =>
        new Promise((_resolve, reject) => ended.addEventListener("abort", () => reject(ended.reason)));
      const result = deploy("deploy.test.web01", "main");
      await expect.poll(() => host.calls).toContain("begin");
      await sleep(100);
      await stop();
      expect([host.calls.includes("abort"), readdirSync(directory).length]).toEqual([false, 1]);
      host.fault = () => {};
      host.follow = lost.follow;
      await listen({ hostname: "web01", records, host });
      expect((await result).hosts[0]).toMatchObject({
        status: "completed",
        message: "Successfully switched to generation 2",
      });
      await expect.poll(() => readdirSync(directory)).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("waits out a server that goes away, and tells the end to whoever asked", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await listen({ hostname: "web01", building: () => promise });
    const result = deploy("deploy.test.web01", "main");
    await sleep(300);
    await server.stop();
    resolve();
    await sleep(500);
    await server.start();
    expect((await result).hosts[0]).toMatchObject({ status: "completed" });
  });
});

describe("a deployment that nobody answers", () => {
  it("is told at once", async () => {
    await using server = await startNatsServer();
    const nats = await connectNats({ url: server.url, name: "test", signal });
    const options = { signal, timeout: 30_000, onResponse: () => {} };
    const request = { action: "switch", revision: "main" } as const;
    await expect(requestDeployment(nats, "deploy.prod.web01", request, options)).rejects.toMatchObject({
      code: "unreachable",
      message: "nobody listens on deploy.prod.web01",
    });
    await nats.close();
  });
});
