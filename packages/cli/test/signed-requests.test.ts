import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ask as askHost,
  type ConnectedNats,
  connectNats,
  createUserKey,
  signRequest,
} from "@homelab-deploy/core/nats";
import { type NatsServer, startNatsServer } from "@homelab-deploy/testbed";
import { headers, type Msg } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestDeployment } from "../src/nats/request-deployment.ts";
import { type MemoryListener, memoryListener } from "./support/memory-listeners.ts";

const { signal } = new AbortController();
const directory = mkdtempSync(join(tmpdir(), "homelab-signed-test-"));
const keys = { deployer: createUserKey(), stranger: createUserKey() };
const subject = "deploy.test.web01";
const body = JSON.stringify({ action: "boot", revision: "main" });

/** Headers as `signer` makes them, a number of milliseconds ago. */
function signed(name: keyof typeof keys, ago = 0, changes: object = {}) {
  const { publicKey, seed } = keys[name];
  const signer = { publicKey, seed: new TextEncoder().encode(seed) };
  const request = { subject, host: "*", body: new TextEncoder().encode(body), now: Date.now() - ago };
  const made = headers();
  for (const [key, value] of signRequest(signer, { ...request, ...changes })) made.set(key, value);
  return made;
}

describe("a listener that demands signatures", () => {
  let server: NatsServer;
  let nats: ConnectedNats;
  let listeners: MemoryListener[];
  const started = Date.now();

  beforeAll(async () => {
    const users = Object.values(keys).map(({ publicKey }) => `{ nkey: ${publicKey} }`);
    // Whoever owns the server can publish anything.
    const open = `{ user: listener, password: listener }`;
    const config = `authorization { users: [ ${[...users, open].join(", ")} ] }\nno_auth_user: listener`;
    server = await startNatsServer({ config });
    writeFileSync(join(directory, "deployer"), keys.deployer.seed);
    nats = await connectNats({
      url: server.url,
      name: "test",
      nkeyFile: join(directory, "deployer"),
      signal,
    });
    const trustedKeys = [keys.deployer.publicKey];
    const names = ["web01", "web02"];
    listeners = await Promise.all(
      names.map((hostname) => memoryListener(server.url, { hostname, trustedKeys })),
    );
  });
  afterAll(async () => {
    await Promise.all(listeners.map((listener) => listener.stop()));
    await nats.close();
    await server.remove();
    rmSync(directory, { recursive: true });
  });

  const ask = async (made: ReturnType<typeof headers> | undefined, to = subject, text = body) => {
    const answer = await nats.connection.request(to, text, {
      timeout: 5_000,
      ...(made && { headers: made }),
    });
    return answer.json<{ status: string; error: string | null; message: string }>();
  };
  const rejected = (reason: string) => ({
    status: "rejected",
    error: null,
    message: expect.stringContaining(reason),
  });

  it("carries out what the deployer asks, by host and for all", async () => {
    const request = { action: "switch", revision: "main" } as const;
    const options = { signal, timeout: 30_000, onResponse: () => {} };
    expect((await requestDeployment(nats, subject, request, options)).completed).toBe(true);
    const all = await requestDeployment(nats, "deploy.test.all", { ...request, revision: "next" }, options);
    expect([all.completed, all.hosts.length]).toEqual([true, 2]);
  });

  it("takes a request once: what somebody has recorded is refused when it comes again", async () => {
    const recorded: Msg[] = [];
    const recording = nats.connection.subscribe(subject, {
      callback: (_error, message) => recorded.push(message),
    });
    const request = { action: "boot", revision: "main" } as const;
    await requestDeployment(nats, subject, request, { signal, timeout: 30_000, onResponse: () => {} });
    recording.unsubscribe();
    const [message] = recorded;
    const again = nats.connection.subscribe(JSON.parse(message?.string() ?? "").reply_to, { max: 1 });
    nats.connection.publish(subject, message?.data, { headers: message?.headers ?? headers() });
    for await (const answer of again) expect(answer.json()).toMatchObject(rejected("it is replayed"));
  });

  it("takes requests of version 1 that are signed, once, and for itself alone", async () => {
    const asked = "homelab.v1.test.web01.history";
    const to = { tier: "test", host: "web01" };
    const known = { deployments: expect.any(Array) };
    expect(await askHost(nats, to, "history", { count: 1 }, { signal })).toMatchObject(known);
    const text = '{"count":1}';
    const own = { subject: asked, body: new TextEncoder().encode(text) };
    const once = signed("deployer", 0, { ...own, host: "web01" });
    const calls = listeners.map(({ host }) => host.calls.length);
    for (const [made, reason] of [
      [once, undefined],
      [once, "it is replayed"],
      [undefined, "it is not signed"],
      [signed("deployer", 0, { ...own, host: "web02" }), "it is meant for web02"],
      [signed("stranger", 0, own), "does not trust the key"],
    ] as const) {
      const answer = await nats.connection.request(asked, text, {
        ...(made && { headers: made }),
        timeout: 5_000,
      });
      const refusal = { error: { code: "refused", message: expect.stringContaining(reason ?? "") } };
      expect(answer.json()).toMatchObject(reason === undefined ? { ok: known } : refusal);
    }
    expect(listeners.map(({ host }) => host.calls.length)).toEqual([(calls[0] ?? 0) + 1, calls[1]]);
  });

  it.each([
    ["unsigned", () => ask(undefined), "it is not signed"],
    ["expired", () => ask(signed("deployer", 71_000)), "it has expired"],
    [
      "older than the listener",
      () => ask(signed("deployer", Date.now() - started + 5_000)),
      "before the listener",
    ],
    ["by somebody else", () => ask(signed("stranger")), "does not trust the key"],
    ["for another host", () => ask(signed("deployer", 0, { host: "web02" })), "it is meant for web02"],
    ["for another subject", () => ask(signed("deployer"), "deploy.test.web02"), "for another subject"],
    ["for another subject of many", () => ask(signed("deployer"), "deploy.test.all"), "for another subject"],
    ["changed", () => ask(signed("deployer"), subject, body.replace("main", "evil")), "it was changed"],
  ])("refuses a request %s", async (_title, attempt, reason) => {
    const begun = () => listeners.map(({ host }) => host.calls.filter((call) => call === "begin").length);
    const before = begun();
    expect(await attempt()).toMatchObject(rejected(reason));
    expect(begun()).toEqual(before);
  });
});
