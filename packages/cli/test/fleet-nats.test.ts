import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NatsServer, startNatsServer } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { before, type MemoryListener, memoryListener } from "./support/memory-listeners.ts";
import { runHere } from "./support/run-cli.ts";

const host = (name: string) => `${name}.config = {
  system.build.toplevel = derivation { name = "nixos-system-${name}"; system = "x86_64-linux"; builder = "/bin/sh"; };
  homelab.deploy.tier = "test";
};`;

describe("homelab-deploy with a fleet over NATS", () => {
  const directory = mkdtempSync(join(tmpdir(), "fleet-nats-test-"));
  let server: NatsServer;
  let listener: MemoryListener;
  const run = (...args: string[]) => runHere("--config", join(directory, "homelab-deploy.yaml"), ...args);

  beforeAll(async () => {
    server = await startNatsServer({ jetstream: true });
    listener = await memoryListener(server.url, { hostname: "web01" });
    const hosts = `${host("web01")} ${host("db01")}`;
    writeFileSync(join(directory, "flake.nix"), `{ outputs = _: { nixosConfigurations = { ${hosts} }; }; }`);
    writeFileSync(
      join(directory, "homelab-deploy.yaml"),
      `flake: path:.\nconnection: { nats: { url: "${server.url}", tier: test } }\n`,
    );
  });
  afterAll(async () => {
    await listener.stop();
    await server.remove();
    rmSync(directory, { recursive: true });
  });

  it("status: asks the listeners, and tells at once who has none", async () => {
    const { status, stdout } = await run("status", "--json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout).hosts).toMatchObject([
      { name: "db01", error: { code: "unreachable", message: "no listener answers for db01 in tier test" } },
      { name: "web01", running: before, behind: true, wanted: expect.stringContaining("nixos-system-web01") },
    ]);
    const table = await run("status", "--no-evaluate", "--name", "web01");
    expect([table.status, table.stderr]).toEqual([0, ""]);
    expect(table.stdout.split("\n")[1]).toMatch(/^web01 +test +- +kc2yq0ql-before +same +- +1 /);
  });

  it("history: asks the listener", async () =>
    expect(await run("history", "web01")).toEqual({ status: 0, stdout: "", stderr: "" }));

  it("flags name another server", async () => {
    const { status, stdout } = await run(
      "status",
      "--name",
      "web01",
      "--nats-url",
      "nats://127.0.0.1:1",
      "--json",
    );
    expect(status).toBe(1);
    expect(JSON.parse(stdout).hosts[0].error).toMatchObject({ code: "unreachable" });
  });

  it("hosts: takes the server from the file, and a user from the flags", async () => {
    const missing = await run("hosts");
    expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining("neither --nkey-file nor")]);
  });

  it.each([
    [["status", "--parallel", "0"], "not a number from 1 on"],
    [["status", "--timeout", "soon"], "not a duration"],
    [["status", "--watch", "x"], "not a number of seconds"],
    [["plan", "--override-input", "nixpkgs"], "not <input>=<reference>"],
    [["plan", "--flake", "a#b"], '--flake: not a flake reference without "#"'],
    [["plan", "--name", "-x"], "not a host name"],
    [["plan", "--tier", "other"], "no host of path:"],
    [["apply", "--goal", "swtich"], "Allowed choices are switch, boot, test, dry-activate"],
    [["apply", "--cache", "nowhere"], "not the URL of a store"],
    [["history"], "name a host, or --fleet for all"],
    [["history", "web01", "--since", "30d"], "--since is for --fleet"],
    [["history", "web01", "--nats-url", "nats://x"], "--nats-url is for --fleet\nHint: "],
    [["history", "--fleet", "--port", "22"], "--port is for a single host over SSH"],
    // The server is the file's.
    [["history", "--fleet"], "neither --nkey-file nor --credentials-file says who logs in"],
    [["apply", "--config", "missing.yaml"], "missing.yaml: there is no such file"],
    [["deploy", "deploy.test.all", "--nats-url", "http://x", "--nkey-file", "x"], "--nats-url: not the URL"],
  ])("refuses %j", async (args, reason) => {
    const { status, stdout, stderr } = await run(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});
