import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NatsServer, startNatsServer } from "@homelab-deploy/testbed";
import { nkeys } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { natsConnectionSchema } from "../src/index.ts";
import { type ConnectOptions, connectNats } from "../src/nats.ts";

const directory = mkdtempSync(join(tmpdir(), "homelab-nats-test-"));
const users = { web01: nkeys.createUser(), stranger: nkeys.createUser(), account: nkeys.createAccount() };
const { signal } = new AbortController();

const fileOf = (name: keyof typeof users) => join(directory, name);
const keyOf = (name: keyof typeof users) => users[name].getPublicKey();

const permissions = `authorization { users: [ { nkey: ${keyOf("web01")}, permissions: {
  publish: ["a.>", "$SYS.REQ.USER.INFO"], subscribe: ["a.>", "_INBOX_${keyOf("web01")}.>"],
  allow_responses: true } } ] }`;

describe("a connection to a NATS server", () => {
  let server: NatsServer;
  const connect = (options: Partial<ConnectOptions> = {}) =>
    connectNats({ url: server.url, name: "test", signal, nkeyFile: fileOf("web01"), ...options });

  beforeAll(async () => {
    for (const name of ["web01", "stranger", "account"] as const) {
      writeFileSync(fileOf(name), `\n  ${new TextDecoder().decode(users[name].getSeed())}\n\n`);
    }
    server = await startNatsServer({ config: permissions });
  });
  afterAll(async () => {
    await server.remove();
    rmSync(directory, { recursive: true });
  });

  it("is that of the key in the file, with answers where nobody else may listen", async () => {
    const nats = await connect();
    nats.connection.subscribe("a.question", { callback: (_error, message) => message.respond("42") });
    const answer = await nats.connection.request("a.question", "", { timeout: 5_000 });
    expect([answer.string(), answer.subject.startsWith(`_INBOX_${keyOf("web01")}.`)]).toEqual(["42", true]);
    expect(nats.identity?.publicKey).toBe(keyOf("web01"));
    await nats.close();
    expect(nats.connection.isClosed()).toBe(true);
  });

  it("tells which subject the server refuses to publish to", async () => {
    const nats = await connect();
    await nats.publish("a.x", "fine");
    await expect(nats.publish("b.x", "no")).rejects.toMatchObject({
      code: "refused",
      message: "the NATS server does not let this user publish to b.x",
      hint: expect.stringContaining("homelab-deploy nats-config"),
    });
    await nats.close();
  });

  it.each([
    ["stranger", "refused", /does not know this user/],
    ["account", "invalid-input", /does not hold an NKey seed of a user/],
    ["missing", "invalid-input", /missing: there is no such file/],
  ])("is not made with the key of %s", async (name, code, message) => {
    const failure = connect({ nkeyFile: join(directory, name) });
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(failure).rejects.not.toThrow(/SU[A-Z2-7]{20}|SA[A-Z2-7]{20}/);
  });

  it("says that no server listens, and that a server has no TLS", async () => {
    await expect(connect({ url: "nats://127.0.0.1:1" })).rejects.toMatchObject({
      code: "unreachable",
      message: "nats://127.0.0.1:1: no server listens there",
    });
    await expect(connect({ url: server.url.replace("nats:", "tls:") })).rejects.toMatchObject({
      message: expect.stringContaining("does not offer TLS"),
    });
  });

  it("made for ever: waits for the server, comes back to it, and ends when it is told to", async () => {
    await server.stop();
    const said: string[] = [];
    const connecting = connect({ forever: true, onStatus: (text) => said.push(text) });
    await expect.poll(() => said).toEqual([expect.stringContaining("trying again until it answers")]);
    await server.start();
    const nats = await connecting;
    await server.stop();
    await expect.poll(() => said.join("\n"), { timeout: 10_000 }).toContain("lost the connection");
    await server.start();
    await expect.poll(() => said.join("\n"), { timeout: 10_000 }).toMatch(/^connected .* again$/m);
    await nats.publish("a.x", "fine");
    await nats.close();

    await server.stop();
    const ended = new AbortController();
    const waiting = connect({ forever: true, signal: ended.signal });
    setTimeout(() => ended.abort(), 500);
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    await server.start();
  });
});

describe("the schema of a connection over NATS", () => {
  const url = "nats://nats.example.com:4222";
  it.each([[{ url }], [{ url: [url, "tls://[::1]:4222"], nkeyFile: "/run/secrets/nkey" }]])(
    "accepts %j",
    (value) => expect(natsConnectionSchema.parse(value)).toEqual(value),
  );
  it.each([
    [{ url: "http://x" }, "not the URL of a NATS server"],
    [{ url: "nats://user:password@x" }, "not the URL of a NATS server"],
    [{ url: [] }, "url"],
    [{ url, nkeyFile: "a", credentialsFile: "b" }, "not both"],
    [{ url, nkeyFile: "" }, "empty"],
  ])("refuses %j", (value, reason) =>
    expect(JSON.stringify(natsConnectionSchema.safeParse(value).error?.issues)).toContain(reason),
  );
});
