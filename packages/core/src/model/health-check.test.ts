import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { checkName, encodeCheck, type HealthCheck, healthCheckSchema, runsOnHost } from "./health-check.ts";
import { hookEnvironment, hooksSchema } from "./hooks.ts";
import { sizeSchema, toBytes } from "./size.ts";

const accepts = (check: unknown) => healthCheckSchema.safeParse(check).success;

describe("health check", () => {
  it.each<unknown>([
    { systemd: { units: ["nginx.service", "getty@tty1.service", "dev-disk-by\\x2dlabel-data.device"] } },
    { tcp: { port: 443 } },
    { tcp: { port: 443, from: "controller", host: "fe80::1" } },
    { disk: { free: "1.5GiB" } },
    { disk: { path: "/var/lib/my data", free: "0B" } },
    { http: { url: "https://web01.lan:8443/health?x=1", status: [200, 204], body: "ok" } },
    { command: { run: "curl -fs http://localhost | grep -q ok", on: "controller" } },
    { name: "web", tcp: { port: 1 }, grace: "5s", interval: "500ms", timeout: "1m", retries: 0 },
  ])("accepts %j", (check) => expect(accepts(check)).toBe(true));

  it.each<unknown>([
    {},
    { tcp: { port: 1 }, disk: { free: "1GiB" } },
    { systemd: { units: [] } },
    { systemd: { units: ["nginx"] } },
    { systemd: { units: ["--host=other.service"] } },
    { systemd: { units: ["a b.service"] } },
    { systemd: { units: ["*.service"] } },
    { systemd: { units: ["$(id).service"] } },
    { tcp: { port: 0 } },
    { tcp: { port: 65536 } },
    { tcp: { port: 80, host: "web01" } },
    { tcp: { port: 80, from: "controller", host: "-x" } },
    { disk: { path: "var", free: "1GiB" } },
    { disk: { path: "/var\ncheck=x command 0 0 1 0 id", free: "1GiB" } },
    { disk: { free: "1GB" } },
    { http: { url: "ftp://web01/" } },
    { http: { url: "file:///etc/shadow" } },
    { http: { url: "http://user:password@web01/" } },
    { http: { url: "http://web01/\n" } },
    { http: { url: "web01" } },
    { http: { url: "http://web01/", status: 99 } },
    { http: { url: "http://web01/", status: [] } },
    { command: { run: "true\ncheck=x command 0 0 1 0 id" } },
    { command: { run: " " } },
    { name: "a b", tcp: { port: 1 } },
    { name: "-x", tcp: { port: 1 } },
    { tcp: { port: 1 }, retries: -1 },
    { tcp: { port: 1 }, interval: "2" },
    { tcp: { port: 1 }, later: true },
  ])("refuses %j", (check) => expect(accepts(check)).toBe(false));

  it.each<[HealthCheck, string, boolean]>([
    [{ systemd: { units: ["a.service", "b.timer"] } }, "systemd a.service b.timer", true],
    [{ tcp: { port: 22 } }, "tcp 22", true],
    [{ tcp: { port: 22, from: "controller" } }, "tcp 22", false],
    [{ tcp: { port: 22, from: "controller", host: "db" } }, "tcp db 22", false],
    [{ disk: { free: "1GiB" } }, "disk /", true],
    [{ http: { url: "http://a/" } }, "http http://a/", false],
    [{ command: { run: "true" } }, "command true", true],
    [{ command: { run: "true", on: "controller" } }, "command true", false],
    [{ name: "web", command: { run: "true" } }, "web", true],
  ])("%j is called %j; on the host: %s", (check, name, onHost) =>
    expect([checkName(check), runsOnHost(check)]).toEqual([name, onHost]),
  );
});

describe("a check for the guard", () => {
  it.each<[HealthCheck, string]>([
    [
      { systemd: { units: ["a.service", "b.timer"] } },
      "systemd-a.service-b.timer systemd 0 2 10 5 a.service b.timer",
    ],
    [{ name: "web", tcp: { port: 443 }, grace: "5s", interval: "1m", retries: 0 }, "web tcp 5 60 10 0 443"],
    [{ tcp: { port: 22 }, grace: "100ms", interval: "2500ms", timeout: "10ms" }, "tcp-22 tcp 1 3 1 5 22"],
    [{ disk: { free: "1.5KiB" } }, "disk- disk 0 2 10 5 1536 /"],
    [{ name: "d", disk: { path: "/a b", free: "2B" } }, "d disk 0 2 10 5 2 /a b"],
    [{ name: "c", command: { run: "a | b=c 'd'" } }, "c command 0 2 10 5 a | b=c 'd'"],
  ])("%j", (check, line) => expect(encodeCheck(check)).toBe(`check=${line}`));

  it("has a name of 64 characters at most", () =>
    expect(encodeCheck({ command: { run: "x".repeat(200) } }).split(" ")[0]).toHaveLength(
      "check=".length + 64,
    ));

  it("is one line, whatever is in it", () =>
    expect(encodeCheck({ name: "c", command: { run: "a\nid=other\u0007" } })).toBe(
      "check=c command 0 2 10 5 a id=other ",
    ));

  it.each(["test a =", "x='=' =", "a=b=", "==", "plain"])("reaches a shell whole: %j", (run) => {
    const script = "IFS='=' read -r key value; printf '%s' \"$value\"";
    const input = `${encodeCheck({ name: "c", command: { run } })}\n`;
    for (const shell of ["sh", "bash"]) {
      const value = execFileSync(shell, ["-c", script], { input, encoding: "utf8" });
      expect(value.trim()).toBe(`c command 0 2 10 5 ${run}`);
    }
  });
});

describe("size", () => {
  it.each([
    ["1B", 1],
    ["1KiB", 1024],
    ["1.5GiB", 1.5 * 2 ** 30],
    ["8192TiB", 2 ** 53],
  ])("%s is %d bytes", (text, expected) => expect(toBytes(sizeSchema.parse(text))).toBe(expected));
  it.each(["1", "1GB", "-1GiB", "1 GiB", "GiB", "8193TiB", "1e3B"])("refuses %j", (text) =>
    expect(sizeSchema.safeParse(text).success).toBe(false),
  );
});

describe("hooks", () => {
  it.each<unknown>([{}, { beforeCopy: "true" }, { onFailure: ["mail", "-s", "oh"], timeout: "1m" }])(
    "accept %j",
    (hooks) => expect(hooksSchema.safeParse(hooks).success).toBe(true),
  );
  it.each<unknown>([{ beforeCopy: "" }, { beforeCopy: [] }, { before: "true" }, { timeout: "5" }])(
    "refuse %j",
    (hooks) => expect(hooksSchema.safeParse(hooks).success).toBe(false),
  );
  it("find the deployment in their environment", () => {
    const context = {
      host: "web01",
      address: "10.0.0.1",
      toplevel: "/t",
      previous: "/p",
      goal: "switch",
      deployment: "id",
    };
    expect(hookEnvironment({ ...context, hook: "onFailure", reason: "a\0b" })).toEqual({
      HOMELAB_HOOK: "onFailure",
      HOMELAB_HOST: "web01",
      HOMELAB_ADDRESS: "10.0.0.1",
      HOMELAB_TOPLEVEL: "/t",
      HOMELAB_PREVIOUS: "/p",
      HOMELAB_GOAL: "switch",
      HOMELAB_REVISION: "",
      HOMELAB_DEPLOYMENT: "id",
      HOMELAB_STACK: "",
      HOMELAB_OUTCOME: "",
      HOMELAB_REASON: "a b",
    });
  });
});
