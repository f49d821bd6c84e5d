import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryHost } from "@homelab-deploy/core";
import {
  type ConnectedNats,
  connectNats,
  createUserKey,
  type HostStore,
  removeWanted,
  storeWanted,
  type Wanted,
} from "@homelab-deploy/core/nats";
import { type NatsServer, startNatsServer } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { before, type MemoryListener, memoryListener, systemOf } from "./support/memory-listeners.ts";

const { signal } = new AbortController();
const directory = mkdtempSync(join(tmpdir(), "homelab-wanted-test-"));
const keys = { deployer: createUserKey(), stranger: createUserKey() };
const to = { tier: "test", host: "web01" };
const store: HostStore = {
  missing: async () => [],
  substitute: async () => {},
  fetch: async () => {},
  build: async () => {},
};
const day = 24 * 3_600_000;

const wish = (revision: string, changes: Partial<Wanted> = {}): Wanted => ({
  id: randomUUID(),
  toplevel: systemOf(revision),
  goal: "switch",
  by: "alice@desk",
  at: Date.now(),
  expires: Date.now() + day,
  rollback: {},
  ...changes,
});

describe("what was wanted of a host while it was off", () => {
  let server: NatsServer;
  let deployer: ConnectedNats;
  let stranger: ConnectedNats;

  beforeAll(async () => {
    const users = Object.values(keys).map(({ publicKey }) => `{ nkey: ${publicKey} }`);
    const config = `authorization { users: [ ${users.join(", ")}, { user: listener, password: listener } ] }
      no_auth_user: listener`;
    server = await startNatsServer({ config, jetstream: true });
    const connected = Object.entries(keys).map(([name, { seed }]) => {
      writeFileSync(join(directory, name), seed);
      return connectNats({ url: server.url, name, nkeyFile: join(directory, name), signal });
    });
    [deployer, stranger] = (await Promise.all(connected)) as [ConnectedNats, ConnectedNats];
  });
  afterAll(async () => {
    await deployer.close();
    await stranger.close();
    await server.remove();
    rmSync(directory, { recursive: true });
  });

  async function listening(work: (listener: MemoryListener) => Promise<void>): Promise<void> {
    const trustedKeys = [keys.deployer.publicKey];
    const host = new MemoryHost(to.host, before);
    const listener = await memoryListener(server.url, { hostname: to.host, host, store, trustedKeys });
    await work(listener).finally(() => listener.stop());
  }
  const settle = (listener: MemoryListener, running: string) =>
    expect.poll(() => listener.host.running, { timeout: 20_000 }).toBe(running);
  const told = (listener: MemoryListener, text: string) =>
    expect.poll(() => listener.log.join("\n"), { timeout: 20_000 }).toContain(text);

  it("is done when the listener starts, and told as events", async () => {
    const wanted = wish("one");
    await storeWanted(deployer, to, wanted);
    const events = deployer.connection.subscribe("homelab.v1.test.web01.events.>");
    await listening(async (listener) => {
      await settle(listener, wanted.toplevel);
      await told(listener, "switch to /nix/store");
    });
    await deployer.connection.flush();
    events.unsubscribe();
    const outcomes: unknown[] = [];
    for await (const message of events) outcomes.push(message.json<{ event: object }>().event);
    expect(outcomes).toContainEqual({ type: "end", outcome: "committed", reason: "" });
  });

  it("is the newest wish alone, and is done when it comes while the listener runs", async () => {
    await storeWanted(deployer, to, wish("two"));
    await storeWanted(deployer, to, wish("three"));
    await listening(async (listener) => {
      await settle(listener, systemOf("three"));
      expect(listener.host.calls.filter((call) => call === "begin")).toHaveLength(1);
      await storeWanted(deployer, to, wish("four"));
      await settle(listener, systemOf("four"));
    });
  });

  it("is tried once", async () => {
    await storeWanted(deployer, to, wish("bad"));
    await listening(async (listener) => {
      listener.host.failure = () => "it is bad";
      await told(listener, "failed: web01 was rolled back: it is bad");
      await server.stop();
      await server.start();
      await told(listener, "again");
      await storeWanted(deployer, to, wish("five"));
      listener.host.failure = () => undefined;
      await settle(listener, systemOf("five"));
      expect(listener.host.calls.filter((call) => call === "begin")).toHaveLength(2);
    });
  });

  it("is forgotten when it is taken back", async () => {
    await storeWanted(deployer, to, wish("six"));
    await removeWanted(deployer, to);
    await listening(async (listener) => {
      await storeWanted(deployer, { ...to, host: "web02" }, wish("other"));
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      expect(listener.host.calls).not.toContain("begin");
    });
  });

  it.each([
    [
      "by somebody who is not trusted",
      () => storeWanted(stranger, to, wish("evil")),
      "does not trust the key",
    ],
    [
      "that came too late",
      () => storeWanted(deployer, to, wish("late", { at: Date.now() - 2 * day, expires: Date.now() - day })),
      "is not done: it came too late",
    ],
    [
      "for another host",
      async () => {
        const other = deployer.connection.subscribe("$KV.homelab-wanted.test.web02");
        await storeWanted(deployer, { ...to, host: "web02" }, wish("other"));
        for await (const { data, headers } of other) {
          await deployer.connection
            .jetstream()
            .publish("$KV.homelab-wanted.test.web01", data, headers && { headers });
          break;
        }
      },
      "for another subject",
    ],
  ])("is not done %s", async (_title, want, reason) => {
    await want();
    await listening(async (listener) => {
      await told(listener, reason);
      expect(listener.host.calls).not.toContain("begin");
    });
  });
});
