import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HealthCheck } from "../model/health-check.ts";
import type { DeploymentEvent } from "./events.ts";
import { checksDuration, runControllerChecks } from "./health-checks.ts";

const context = {
  host: "web01",
  address: "127.0.0.1",
  toplevel: "/t",
  previous: "/p",
  goal: "switch",
  deployment: "id",
};
const once = { retries: 0, timeout: "2s" } as const;

async function check(...checks: HealthCheck[]) {
  const events: DeploymentEvent[] = [];
  const { signal } = new AbortController();
  const started = performance.now();
  const reason = await runControllerChecks(checks, context, {
    signal,
    onEvent: (event) => events.push(event),
  });
  return { reason, events, milliseconds: performance.now() - started };
}

async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

let server: Server;
let port: number;
let asked: string[];
const url = (path: string) => `http://127.0.0.1:${port}${path}`;

beforeAll(async () => {
  asked = [];
  server = createServer(({ url: path = "" }, response) => {
    asked.push(path);
    if (path === "/silent") return;
    if (path === "/moved") response.writeHead(301, { location: "/ok" }).end();
    else if (path === "/soon")
      response.writeHead(asked.filter((other) => other === path).length < 3 ? 503 : 200).end();
    else if (path === "/endless") {
      const more = () => {
        while (response.write("x".repeat(65536)));
        response.once("drain", more);
      };
      more();
    } else response.writeHead(path === "/down" ? 503 : 200).end("all is well");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe("a check of the controller", () => {
  it.each<[string, () => HealthCheck]>([
    ["a URL that answers", () => ({ http: { url: url("/ok") } })],
    ["a URL with a text", () => ({ http: { url: url("/ok"), body: "is well" } })],
    ["a URL with one of the statuses", () => ({ http: { url: url("/down"), status: [200, 503] } })],
    ["a redirect that is expected", () => ({ http: { url: url("/moved"), status: 301 } })],
    ["a port that is open", () => ({ tcp: { port, from: "controller" } })],
    ["a port elsewhere", () => ({ tcp: { port, from: "controller", host: "localhost" } })],
    [
      "a command",
      () => ({ command: { run: 'test "$HOMELAB_HOST $HOMELAB_HOOK" = "web01 "', on: "controller" } }),
    ],
  ])("holds for %s", async (_title, make) => {
    const { reason, events } = await check({ name: "x", ...once, ...make() });
    expect(reason).toBeUndefined();
    expect(events).toEqual([{ type: "check", name: "x", state: "passed", attempt: 1, message: "" }]);
  });

  it.each<[string, () => HealthCheck | Promise<HealthCheck>, RegExp]>([
    ["another status", () => ({ http: { url: url("/down") } }), /^answered 503$/],
    ["a redirect", () => ({ http: { url: url("/moved") } }), /^answered 301, a redirect to \/ok$/],
    ["another text", () => ({ http: { url: url("/ok"), body: "no" } }), /^answered 200 without "no"$/],
    ["an endless answer", () => ({ http: { url: url("/endless"), body: "no" } }), /^answered 200 without/],
    ["a URL that does not answer", () => ({ http: { url: url("/silent") } }), /^no answer within 2 s$/],
    [
      "a URL where nobody is",
      async () => ({ http: { url: `http://127.0.0.1:${await closedPort()}/` } }),
      /ECONNREFUSED/,
    ],
    [
      "a closed port",
      async () => ({ tcp: { port: await closedPort(), from: "controller" } }),
      /ECONNREFUSED/,
    ],
    [
      "a failing command",
      () => ({ command: { run: "echo oh; exit 3", on: "controller" } }),
      /^exit status 3: oh$/,
    ],
    [
      "a hanging command",
      () => ({ command: { run: "echo hm; sleep 100", on: "controller" } }),
      /^no answer within 2 s: hm$/,
    ],
  ])("fails for %s", async (_title, make, expected) => {
    const { reason, events, milliseconds } = await check({ name: "x", ...once, ...(await make()) });
    expect(reason).toMatch(/^health check x: /);
    expect(reason?.slice("health check x: ".length)).toMatch(expected);
    expect(events).toMatchObject([{ state: "failed", attempt: 1 }]);
    expect(milliseconds).toBeLessThan(20_000);
  });

  it("is tried again until it holds, and tells each attempt", async () => {
    const { reason, events } = await check({ http: { url: url("/soon") }, interval: "10ms" });
    expect(reason).toBeUndefined();
    expect(
      events.map((event) => event.type === "check" && [event.state, event.attempt, event.message]),
    ).toEqual([
      ["waiting", 1, "answered 503"],
      ["waiting", 2, "answered 503"],
      ["passed", 3, ""],
    ]);
  });

  it("gives up after its attempts, and every failure is a reason", async () => {
    const down: HealthCheck = { http: { url: url("/down") }, interval: "10ms", retries: 2 };
    const { reason, events } = await check({ name: "a", ...down }, { name: "b", ...down });
    expect(reason).toBe("health check a: answered 503; health check b: answered 503");
    expect(events).toHaveLength(6);
  });

  it("runs beside others, after its grace", async () => {
    const slow: HealthCheck = { command: { run: "sleep 1", on: "controller" }, grace: "500ms" };
    const { reason, milliseconds } = await check(slow, slow, slow, slow);
    expect(reason).toBeUndefined();
    expect(milliseconds).toBeGreaterThanOrEqual(1400);
    expect(milliseconds).toBeLessThan(4 * 1500);
  });

  it("leaves those of the host alone", async () => {
    expect(await check({ tcp: { port: 1 } }, { command: { run: "false" } })).toMatchObject({ events: [] });
  });

  it("ends at once when it is aborted", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 200);
    const hanging: HealthCheck[] = [
      { command: { run: "sleep 100", on: "controller" }, timeout: "90s" },
      { http: { url: url("/silent") }, timeout: "90s" },
      { tcp: { port: 1, from: "controller" }, grace: "90s" },
    ];
    const options = { signal: controller.signal, onEvent: () => {} };
    await expect(runControllerChecks(hanging, context, options)).rejects.toThrow("enough");
  }, 20_000);
});

describe("the time that checks take", () => {
  it("is that of the longest, and none for those of the host", () => {
    const command = { run: "true", on: "controller" } as const;
    const short: HealthCheck = { command, retries: 0, timeout: "1s" };
    const long: HealthCheck = { command, retries: 2, timeout: "1s", interval: "3s", grace: "10s" };
    expect(checksDuration([short, long])).toBe(10_000 + 3 * (1_000 + 4_000) + 2 * 3_000);
    expect(checksDuration([{ tcp: { port: 1 } }])).toBe(0);
    expect(checksDuration([])).toBe(0);
  });
});
