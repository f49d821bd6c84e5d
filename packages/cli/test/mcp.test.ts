import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Progress } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MemoryListener, memoryListener, systemOf } from "./support/memory-listeners.ts";
import { type NatsSite, startNatsSite } from "./support/nats-site.ts";
import { runCli } from "./support/run-cli.ts";

const main = join(import.meta.dirname, "../src/main.ts");
const argv = ["--conditions=@homelab-deploy/source", main, "mcp"];

let site: NatsSite;
const listeners = new Map<string, MemoryListener>();
const clients: Client[] = [];

const assistant = () => ["--nats-url", site.server.url, "--nkey-file", site.keyFile("assistants/desk")];
const admin = () => [...assistant(), "--enable-admin", "--admin-nkey-file", site.keyFile("admins/alice")];

async function start(flags: readonly string[]): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  clients.push(client);
  const args = [...argv, ...flags];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "inherit" }));
  return client;
}

/** What a tool answered, with its progress. */
async function call(client: Client, name: string, args: object = {}) {
  const progress: Progress[] = [];
  const onprogress = (told: Progress) => void progress.push(told);
  const result = await client.callTool({ name, arguments: { ...args } }, undefined, { onprogress });
  const [text] = result.content as { text: string }[];
  return {
    text: text?.text ?? "",
    failed: result.isError === true,
    content: result.structuredContent as Record<string, unknown> | undefined,
    progress: progress.map(({ message }) => message ?? ""),
  };
}

const host = (name: string) => {
  const found = listeners.get(name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.host;
};

beforeAll(async () => {
  site = await startNatsSite(`
hosts: { web01: { tier: test }, dns01: { tier: test, role: dns }, db01: { tier: prod } }
assistants: { desk: }
admins: { alice: }
`);
  for (const [hostname, tier, role] of [
    ["web01", "test"],
    ["dns01", "test", "dns"],
    ["db01", "prod"],
  ] as const) {
    const connection = { url: site.server.url, nkeyFile: site.keyFile(`hosts/${hostname}`) };
    listeners.set(hostname, await memoryListener(connection, { hostname, tier, ...(role && { role }) }));
  }
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all([...listeners.values()].map((listener) => listener.stop()));
  await site?.[Symbol.asyncDispose]();
});

describe("homelab-deploy mcp", () => {
  let client: Client;
  beforeAll(async () => {
    client = await start(assistant());
  });

  it("offers the tools that look, and a deployment to test hosts, and says which is which", async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
      ["deploy", false],
      ["list_hosts", true],
      ["host_status", true],
      ["plan_deployment", true],
      ["deployment_history", true],
    ]);
    const [deploy] = tools;
    expect(deploy?.annotations).toMatchObject({ destructiveHint: true, idempotentHint: true });
    expect(Object.keys(deploy?.inputSchema.properties ?? {})).toEqual([
      "hostname",
      "all",
      "role",
      "branch",
      "action",
    ]);
    expect(deploy?.inputSchema.properties).toMatchObject({
      branch: { default: "master" },
      action: { default: "switch", enum: ["switch", "boot", "test", "dry-activate"] },
    });
    expect(deploy?.description).toMatch(/no dry run/);
  });

  it("list_hosts: finds those of tier test", async () => {
    const { content, text } = await call(client, "list_hosts");
    expect(content).toMatchObject({
      hosts: [
        { hostname: "dns01", tier: "test", role: "dns" },
        { hostname: "web01", tier: "test", subjects: ["deploy.test.web01", "deploy.test.all"] },
      ],
    });
    expect(text).toBe("dns01: tier test, role dns\nweb01: tier test");
    expect((await call(client, "list_hosts", { tier: "prod" })).content).toEqual({ hosts: [] });
  });

  it("deploy: to a host, from the branch master unless it is told another, with progress", async () => {
    const { content, failed, progress } = await call(client, "deploy", { hostname: "web01" });
    expect([failed, host("web01").running]).toEqual([false, systemOf("master")]);
    expect(content).toEqual({
      subject: "deploy.test.web01",
      branch: "master",
      action: "switch",
      completed: true,
      hosts: [
        {
          hostname: "web01",
          status: "completed",
          error: null,
          message: "Successfully switched to generation 2",
        },
      ],
      missing: [],
    });
    expect(progress[0]).toMatch(/building and activating .* at master: every host .* deploy\.test\.web01$/);
    // A note that comes together with the result is lost on the SDK's client, and the result tells it.
    expect(progress.slice(1, 3).map((line) => line.split(": ")[1])).toEqual(["accepted", "started"]);
  });

  it("deploy: by role, and to all", async () => {
    await call(client, "deploy", { role: "dns", branch: "feature" });
    expect([host("dns01").running, host("web01").running]).toEqual([systemOf("feature"), systemOf("master")]);
    const { content } = await call(client, "deploy", { all: true, branch: "both", action: "test" });
    expect([host("dns01").running, host("web01").running]).toEqual([systemOf("both"), systemOf("both")]);
    expect(content?.hosts).toHaveLength(2);
  });

  it("deploy: tells in words what went wrong", async () => {
    const missing = await call(client, "deploy", { hostname: "web01", branch: "missing" });
    expect([missing.failed, missing.text]).toEqual([
      true,
      expect.stringContaining("web01: failed (invalid_revision): there is no revision missing"),
    ]);
    expect(missing.content).toMatchObject({ completed: false });
    const nobody = await call(client, "deploy", { hostname: "web09" });
    expect([nobody.failed, nobody.text]).toEqual([true, expect.stringContaining("nobody listens")]);
  });

  it.each([
    [{}, "exactly one of hostname, all and role"],
    [{ hostname: "web01", all: true }, "exactly one of hostname, all and role"],
    [{ hostname: "*" }, "hostname"],
    [{ hostname: "web01", branch: "--option" }, "branch"],
    [{ hostname: "web01", action: "destroy" }, "action"],
  ])("deploy: refuses %j", async (args, reason) => {
    const calls = host("web01").calls.length;
    const { failed, text } = await call(client, "deploy", args);
    expect([failed, text]).toEqual([true, expect.stringContaining(reason)]);
    expect(host("web01").calls.length).toBe(calls);
  });

  it("host_status, plan_deployment and deployment_history: look, and change nothing", async () => {
    const { running, generation } = host("web01");
    const status = await call(client, "host_status", { hostname: "web01" });
    expect(status.content).toMatchObject({ hostname: "web01", tier: "test", running, generation });
    const plan = await call(client, "plan_deployment", { all: true });
    expect(plan.content).toMatchObject({
      subject: "deploy.test.all",
      hosts: [{ hostname: "dns01" }, { hostname: "web01", status: { running } }],
    });
    const history = await call(client, "deployment_history", { hostname: "web01", count: 1 });
    expect(history).toMatchObject({ failed: false, content: { deployments: expect.any(Array) } });
    expect([host("web01").running, host("web01").generation]).toEqual([running, generation]);
  });

  it("reaches no prod host: there is no tool for it, and the key is refused", async () => {
    const before = host("db01").calls.length;
    const admin = await call(client, "deploy_admin", { hostname: "db01", tier: "prod" });
    expect([admin.failed, admin.text]).toEqual([true, expect.stringContaining("deploy_admin")]);
    const here = await call(client, "deploy", { hostname: "db01" });
    expect([here.failed, here.text]).toEqual([true, expect.stringContaining("nobody listens")]);
    for (const tool of ["host_status", "deployment_history"]) {
      const { failed, text } = await call(client, tool, { hostname: "db01", tier: "prod" });
      expect([failed, text]).toEqual([true, expect.stringContaining("tier")]);
    }
    const desk = await site.connect("assistants/desk");
    await expect(desk.publish("deploy.prod.db01", "{}")).rejects.toMatchObject({ code: "refused" });
    expect(host("db01").calls.length).toBe(before);
  });
});

describe("homelab-deploy mcp --enable-admin", () => {
  it("deploys to prod hosts, looks at them, and finds all", async () => {
    const client = await start(admin());
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("deploy_admin");
    const { content } = await call(client, "list_hosts");
    expect(content?.hosts).toMatchObject([
      { hostname: "db01" },
      { hostname: "dns01" },
      { hostname: "web01" },
    ]);
    const deployed = await call(client, "deploy_admin", { tier: "prod", hostname: "db01" });
    expect([deployed.failed, host("db01").running]).toEqual([false, systemOf("master")]);
    const status = await call(client, "host_status", { tier: "prod", hostname: "db01" });
    expect(status.content).toMatchObject({ tier: "prod", running: systemOf("master") });
    const without = await call(client, "deploy_admin", { hostname: "db01" });
    expect([without.failed, without.text]).toEqual([true, expect.stringContaining("tier")]);
  });

  it.each([
    [["--enable-admin"], "belong together"],
    [["--admin-nkey-file", "x"], "belong together"],
    [["--enable-admin", "--admin-nkey-file", "/missing"], "/missing: there is no such file"],
    [["--http", "here"], "--http: not an address"],
  ])("refuses %j", async (flags, reason) => {
    const { status, stdout, stderr } = await runCli("mcp", ...assistant(), ...flags);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(reason);
  });
});

it("is all that listeners need: the server has refused none of them anything", () => {
  for (const { log } of listeners.values()) expect(log.join("\n")).not.toContain("does not let");
});

describe("homelab-deploy mcp --http", () => {
  let url: string;
  let process_: ReturnType<typeof spawn>;
  beforeAll(async () => {
    const child = spawn(process.execPath, [...argv, ...assistant(), "--http", "0"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    process_ = child;
    for await (const line of createInterface({ input: child.stderr })) {
      url = /http:\S+/.exec(line)?.[0] ?? "";
      if (url !== "") break;
    }
  });
  afterAll(async () => {
    if (process_.exitCode !== null) return;
    process_.kill();
    await once(process_, "exit");
    expect(process_.exitCode).toBe(0);
  });

  const initialize = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } },
  };
  const post = async (headers: object) => {
    const accept = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
    const body = JSON.stringify(initialize);
    const response = await fetch(url, { method: "POST", headers: { ...accept, ...headers }, body });
    await response.body?.cancel();
    return response.status;
  };

  it("serves several sessions on this machine, with progress", async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    const two = [1, 2].map(() => new Client({ name: "test", version: "1" }));
    clients.push(...two);
    for (const client of two) await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    const [first, second] = two as [Client, Client];
    const { failed, progress } = await call(first, "deploy", { hostname: "web01", branch: "http" });
    expect([failed, host("web01").running]).toEqual([false, systemOf("http")]);
    expect(progress.length).toBeGreaterThanOrEqual(3);
    expect((await call(second, "list_hosts")).text).toContain("web01");
  });

  it.each([
    ["of a page of another site", { Origin: "https://evil.example" }, 403],
    ["of a page under another name", { Origin: "http://localhost:1" }, 403],
    ["of a session that is not there", { "Mcp-Session-Id": "x" }, 404],
    ["of no page", {}, 200],
    ["of a page that it serves", { Origin: "http://localhost:PORT" }, 200],
  ])("answers a request %s with its status", async (_title, headers, status) => {
    const port = new URL(url).port;
    const filled = Object.entries(headers).map(([name, value]) => [name, value.replace("PORT", port)]);
    expect(await post(Object.fromEntries(filled))).toBe(status);
  });
});
