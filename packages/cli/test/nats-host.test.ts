import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import {
  type CopyProgress,
  type DeploymentEvent,
  deployTo,
  generateSigningKey,
  MemoryHost,
  openHost,
  parseStorePath,
  publicKeyOf,
  type StorePath,
} from "@homelab-deploy/core";
import { type ConnectedNats, connectNats } from "@homelab-deploy/core/nats";
import { type NatsServer, startNatsServer } from "@homelab-deploy/testbed";
import type { ServiceInfo } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Activity } from "../src/listener/activity.ts";
import { Outbox } from "../src/listener/outbox.ts";
import { serveHost } from "../src/listener/serve-host.ts";
import { makePath, storeAt } from "./support/stores.ts";

const run = promisify(execFile);
const { signal } = new AbortController();
const directory = mkdtempSync(join(tmpdir(), "nats-host-test-"));
const old = parseStorePath("/nix/store/kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-nixos-system-web01-25.05");

/** What is between a listener and its server, and may lose the listener without a word to the server. */
async function startProxy(port: number) {
  const held: Socket[] = [];
  let connections = 0;
  const proxy = createServer((client) => {
    connections++;
    const behind = createConnection(port, "127.0.0.1");
    behind.on("data", (data) => client.destroyed || client.write(data)).on("error", () => {});
    client.on("data", (data) => behind.write(data)).on("error", () => {});
    held.push(client, behind);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: (proxy.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    losesListener: () => held[0]?.destroy(),
    close: () => {
      for (const socket of held) socket.destroy();
      proxy.close();
    },
  };
}

const hashOf = (path: StorePath) => path.slice("/nix/store/".length).split("-")[0];

describe("a host over NATS", () => {
  const key = join(directory, "key");
  const stop = new AbortController();
  let server: NatsServer;
  let nats: ConnectedNats;
  let publicKey: string;
  const machines = new Map<string, MemoryHost>();

  const silent = { check: () => {}, log: () => {}, signal: stop.signal };
  const options = { tier: "test", activity: new Activity(), ...silent };
  const connect = (given: AbortSignal) => connectNats({ url: server.url, name: "test", signal: given });
  const serve = async (name: string, store = storeAt(join(directory, name), publicKey)) => {
    const machine = new MemoryHost(name, old);
    machines.set(name, machine);
    await serveHost({ nats, connect, machine, store, host: name, ...options });
  };
  const reach = (name: string) => openHost(name, { nats: { url: server.url, tier: "test" } });
  const copied = async (name: string, toplevel: StorePath, signingKeyFile?: string) => {
    await using host = reach(name);
    const progress: CopyProgress[] = [];
    await host.copy(toplevel, { signal, signingKeyFile, onProgress: (now) => progress.push(now) });
    return progress.at(-1);
  };
  /** Names and sizes of what is in the bucket. */
  const stored = async () => {
    const store = await nats.connection.jetstream().views.os("homelab-closures");
    return (await store.list()).map(({ name, size, nuid }) => ({ name, size, nuid }));
  };
  /** How many messages were ever stored in it: one for each object, and one for each of its chunks. */
  const messages = async () => {
    const manager = await nats.connection.jetstreamManager();
    return (await manager.streams.info("OBJ_homelab-closures")).state.last_seq;
  };

  beforeAll(async () => {
    const secret = await generateSigningKey("homelab-1", signal);
    writeFileSync(key, secret);
    publicKey = await publicKeyOf(secret, signal);
    server = await startNatsServer({ jetstream: true });
    nats = await connect(signal);
    await Promise.all(["web01", "dns01"].map((name) => serve(name)));
  });
  afterAll(async () => {
    stop.abort();
    await nats.close();
    await server.remove();
    await run("chmod", ["-R", "u+w", directory]);
    rmSync(directory, { recursive: true });
  });

  it("is inspected, and nobody answers for it in another tier", async () => {
    await using host = reach("web01");
    expect(await host.inspect({ signal })).toMatchObject({ running: old, hostname: "web01" });
    await using other = openHost("web01", { nats: { url: server.url, tier: "prod" } });
    await expect(other.inspect({ signal })).rejects.toMatchObject({
      code: "unreachable",
      message: "no listener answers for web01 in tier prod",
    });
  });

  it("is waited for while its listener restarts", async () => {
    await using host = reach("mail01");
    const inspected = host.inspect({ signal });
    await delay(1500);
    await serve("mail01");
    expect(await inspected).toMatchObject({ hostname: "mail01" });
  });

  it("is a NATS service that tells tier and host", async () => {
    const services: ServiceInfo[] = [];
    for await (const one of await nats.connection.services.client().info("homelab-deploy"))
      services.push(one);
    expect(services.map(({ metadata }) => metadata?.hostname).sort()).toEqual(["dns01", "mail01", "web01"]);
    expect(services[0]).toMatchObject({ version: "0.1.0", metadata: { tier: "test" } });
    expect(services[0]?.endpoints.map(({ name }) => name)).not.toContain("confirm");
  });

  it("takes from the object store what a key signed that it trusts, and what it has not yet, once for all hosts", async () => {
    const part = await makePath("part", "", 3000);
    const first = await makePath("first", part, 10);
    await expect(copied("web01", first)).rejects.toMatchObject({
      message: `web01 does not take ${first}: no key that it trusts has signed it`,
    });
    await Promise.all(["web01", "dns01"].map((name) => copied(name, first, key)));
    const before = await stored();
    expect(before).toHaveLength(4);
    for (const name of ["web01", "dns01"]) {
      expect(await storeAt(join(directory, name), publicKey).missing([part, first], { signal })).toEqual([]);
    }

    const second = await makePath("second", part, 20);
    const messagesBefore = await messages();
    const progress = await Promise.all(["web01", "dns01"].map((name) => copied(name, second, key)));
    expect(progress).toMatchObject([{ paths: 0, totalPaths: 1 }, {}]);
    const added = (await stored()).filter(({ nuid }) => !before.some((object) => object.nuid === nuid));
    expect(added.map(({ name }) => name.replace(/[0-9a-z]{32,}/, "*")).sort()).toEqual([
      "*.narinfo",
      "nar/*.nar.zst",
    ]);
    expect(added.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(25_000);
    expect((await messages()) - messagesBefore).toBe(4);
  });

  it("takes from its own binary cache what that has, and the rest from the object store", async () => {
    const part = await makePath("cached", "", 2000);
    const whole = await makePath("whole", part, 10);
    const cache = `file://${join(directory, "cache")}`;
    const nix = (...args: string[]) => run("nix", ["--extra-experimental-features", "nix-command", ...args]);
    await nix("store", "sign", "--key-file", key, part);
    await nix("copy", "--to", cache, part);
    const before = await stored();
    await serve("nas02", storeAt(join(directory, "nas02"), publicKey, cache));
    expect(await copied("nas02", whole, key)).toMatchObject({ totalPaths: 1 });
    const added = (await stored()).filter(({ nuid }) => !before.some((object) => object.nuid === nuid));
    expect(added.map(({ name }) => name)).toContain(`${hashOf(whole)}.narinfo`);
    expect(added.map(({ name }) => name)).not.toContain(`${hashOf(part)}.narinfo`);
    expect(added).toHaveLength(2);
    const missing = await storeAt(join(directory, "nas02"), publicKey).missing([part, whole], { signal });
    expect(missing).toEqual([]);
  });

  it("is deployed to and confirmed over a connection that its listener made for that", async () => {
    const toplevel = await makePath("nixos-system-web01-25.05", "", 1);
    await copied("web01", toplevel, key);
    machines.get("web01")?.store.add(toplevel);
    await using host = reach("web01");
    const events: DeploymentEvent[] = [];
    const made: string[] = [];
    const told = nats.connection.subscribe("homelab.v1.test.web01.events.>", {
      callback: (_error, message) => made.push(message.json<{ event: { type: string } }>().event.type),
    });
    const builder = { build: async () => {} };
    const request = { toplevel, goal: "switch", rollback: {} } as const;
    const { outcome } = await deployTo(host, request, { builder, signal, onEvent: (e) => events.push(e) });
    expect(outcome).toBe("committed");
    expect(machines.get("web01")?.running).toBe(toplevel);
    await expect.poll(() => made).toEqual(["phase", "phase", "end"]);
    told.unsubscribe();
    const id = "00000000-late";
    await expect(host.confirm(id, "x", { signal })).rejects.toMatchObject({ code: "unreachable" });
  });

  it("goes on with a copy when the server was away meanwhile", async () => {
    const toplevel = await makePath("large", "", 60_000);
    const copying = copied("dns01", toplevel, key);
    await delay(500);
    await server.stop();
    await delay(1500);
    await server.start();
    await copying;
    expect(await storeAt(join(directory, "dns01"), publicKey).missing([toplevel], { signal })).toEqual([]);
  });

  it("answers every request when the server has not noticed yet that an earlier connection of it is lost", async () => {
    const proxy = await startProxy(server.port);
    const lone = await connectNats({ url: `nats://127.0.0.1:${proxy.port}`, name: "test", signal });
    const machine = new MemoryHost("box", old);
    const store = storeAt(join(directory, "box"), publicKey);
    await serveHost({ nats: lone, connect, machine, store, host: "box", ...options });
    await using host = reach("box");
    await host.inspect({ signal });
    proxy.losesListener();
    await expect.poll(() => proxy.connections, { timeout: 20_000 }).toBe(2);
    await delay(1000);
    const asked = Array.from({ length: 12 }, () => host.compare(old, { signal: AbortSignal.timeout(5000) }));
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(
      asked.map(() => "fulfilled"),
    );
    await lone.close();
    proxy.close();
  });

  it("has all that it told kept, also what it told while the server was away", async () => {
    const manager = await nats.connection.jetstreamManager();
    await manager.streams.add({ name: "told", subjects: ["told.*"] });
    const outbox = new Outbox(nats.connection, signal);
    outbox.publish("told.1", "before");
    await outbox.sent();
    await server.stop();
    outbox.publish("told.2", "meanwhile");
    await delay(500);
    outbox.publish("told.3", "meanwhile");
    await server.start();
    await outbox.sent();
    const { state } = await manager.streams.info("told", { subjects_filter: ">" });
    expect(Object.keys(state.subjects ?? {}).sort()).toEqual(["told.1", "told.2", "told.3"]);
  });

  it("tells that a server keeps no closures, and what to do", async () => {
    const toplevel = await makePath("nowhere", "", 1);
    await using plain = await startNatsServer();
    const alone = await connectNats({ url: plain.url, name: "test", signal });
    const machine = new MemoryHost("nas01", old);
    const store = storeAt(join(directory, "nas01"), publicKey);
    await serveHost({ nats: alone, connect, machine, store, host: "nas01", ...options });
    await using host = openHost("nas01", { nats: { url: plain.url, tier: "test" } });
    await expect(host.copy(toplevel, { signal, onProgress: () => {} })).rejects.toMatchObject({
      code: "copy-failed",
      message: expect.stringMatching(/^the NATS server keeps no closures: it has no JetStream; /),
      hint: expect.stringContaining("binary cache"),
    });
    await alone.close();
  });

  it.each([
    ["inspect", "no JSON", "the request"],
    ["missing", '{"paths":["/etc"]}', "paths.0: not a store path"],
    ["follow", '{"id":"../../x","offset":0}', "id"],
    ["begin", '{"id":"some-other-id"}', "token"],
  ])("refuses a %s request that is %s", async (verb, body, reason) => {
    const answer = await nats.connection.request(`homelab.v1.test.web01.${verb}`, body);
    expect(answer.json()).toMatchObject({
      error: { code: "invalid-input", message: expect.stringContaining(reason) },
    });
  });
});
