import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCliIn, runHere } from "./support/run-cli.ts";

const repository = join(import.meta.dirname, "../../..");
const marked = (text: string) => `{ environment.etc.marker.text = "${text}"; }`;
const failing = `{
  systemd.services.broken = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig = { Type = "oneshot"; ExecStart = "/bin/sh -c 'exit 3'"; };
  };
}`;

const flake = (modules: Readonly<Record<string, string>>) => `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations = builtins.mapAttrs (name: module: nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./deploy.nix
        {
          services.openssh.enable = true;
          boot.loader.systemd-boot.enable = true;
          networking.hostName = name;
          system.stateVersion = "25.05";
          homelab.deploy.tier = if name == "off01" then "test" else "prod";
          homelab.deploy.role = "web";
        }
        module
      ];
    }) { ${Object.entries(modules)
      .map(([name, module]) => `${name} = ${module};`)
      .join(" ")} };
  };
}`;

describe.skipIf(noHosts)("homelab-deploy with a fleet", () => {
  const directory = mkdtempSync(join(tmpdir(), "fleet-commands-test-"));
  let bed: Testbed;
  let hosts: readonly HostInfo[];

  const write = (modules: Readonly<Record<string, string>>) =>
    writeFileSync(join(directory, "flake/flake.nix"), flake(modules));
  const run = (...args: string[]) => runHere("--config", join(directory, "homelab-deploy.yaml"), ...args);
  const json = async (...args: string[]) => {
    const { status, stdout } = await run(...args, "--json");
    return {
      status,
      hosts: Object.fromEntries(JSON.parse(stdout).hosts.map((host: { name: string }) => [host.name, host])),
    };
  };
  const marker = async (name: string) => (await bed.exec(name, ["cat", "/etc/marker"])).stdout;

  beforeAll(async () => {
    bed = await temporaryTestbed();
    hosts = await bed.up(["web01", "dns01"]);
    mkdirSync(join(directory, "flake"));
    cpSync(join(repository, "nix/modules/deploy.nix"), join(directory, "flake/deploy.nix"));
    write({ web01: marked("one"), dns01: marked("one"), off01: marked("one") });
    const config = {
      flake: "path:./flake",
      overrideInputs: { nixpkgs: `path:${join(repository, "packages/testbed/nixpkgs")}` },
      connection: { ssh: { identityFile: hosts[0]?.identityFile } },
      hosts: {
        ...Object.fromEntries(hosts.map(({ name, address, hostKey }) => [name, { host: address, hostKey }])),
        // Nobody has this one.
        off01: { host: hosts[0]?.address.replace(/[0-9]+$/, "250") },
      },
      commands: { apply: { parallel: 2, confirmTimeout: "20s" }, status: { timeout: "15s" } },
    };
    // JSON is YAML.
    writeFileSync(join(directory, "homelab-deploy.yaml"), JSON.stringify(config));
  });
  afterAll(async () => {
    await bed.down();
    rmSync(directory, { recursive: true });
  });

  it("status: tells what runs, what is wanted, and who does not answer", async () => {
    const { status, hosts: found } = await json("status");
    expect(status).toBe(1);
    expect(found.web01).toMatchObject({ tier: "prod", role: "web", behind: true, rebootRequired: false });
    expect(found.web01.running).not.toBe(found.web01.wanted);
    expect(found.off01).toMatchObject({ tier: "test", error: { code: "unreachable" } });
    expect(found.off01).not.toHaveProperty("running");
  });

  it("status: waits for a host as long as it is told", async () => {
    const { status, hosts: found } = await json(
      "status",
      "--no-evaluate",
      "--tier",
      "test",
      "--timeout",
      "1s",
    );
    expect(status).toBe(1);
    expect(found).toEqual({
      off01: {
        name: "off01",
        tier: "test",
        role: "web",
        error: { code: "timeout", message: "off01 did not answer within 1 s" },
      },
    });
  });

  it("plan: names the hosts that would change, and changes none", async () => {
    const { status, hosts: found } = await json("plan", "--tier", "prod");
    expect(status).toBe(0);
    const change = { action: "change", goal: "switch", reboot: "unknown" };
    expect(found).toMatchObject({ web01: change, dns01: change });
    const { status: detailed, stdout } = await run("plan", "--tier", "prod", "--detailed-exitcode");
    expect(detailed).toBe(3);
    expect(stdout).toContain("2 to change, 0 unchanged\n");
    expect((await run("plan", "--detailed-exitcode")).status).toBe(1);
  });

  it("apply: deploys to the hosts that are selected, and touches none twice", async () => {
    const { status, stdout, stderr } = await run("apply", "--tier", "prod");
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
    expect(stdout).toMatch(/^HOST .*\ndns01 +committed +2 .*\nweb01 +committed +2 .*\n$/);
    expect(stderr).toMatch(/^web01: confirming$/m);
    expect(await Promise.all(["web01", "dns01"].map(marker))).toEqual(["one", "one"]);
    const again = await json("apply", "--tier", "prod");
    expect(again).toMatchObject({ status: 0, hosts: { web01: { outcome: "unchanged" } } });
    const plan = await run("plan", "--tier", "prod", "--detailed-exitcode");
    expect([plan.status, plan.stdout]).toEqual([0, expect.stringContaining("0 to change, 2 unchanged")]);
  });

  it("apply: one that fails does so alone, with a row that says why", async () => {
    write({ web01: marked("two"), dns01: failing, off01: marked("one"), gone01: "throw ''no module''" });
    const { status, hosts: found } = await json("apply");
    expect(status).toBe(1);
    expect(found).toMatchObject({
      web01: { outcome: "committed", generation: 3, done: true },
      dns01: {
        outcome: "rolled-back",
        done: false,
        error: { message: expect.stringContaining("broken.service") },
      },
      off01: { outcome: "unreachable", done: false },
      gone01: {
        outcome: "evaluation-failed",
        done: false,
        error: { message: expect.stringContaining("no module") },
      },
    });
    expect([await marker("web01"), await marker("dns01")]).toEqual(["two", "one"]);
  });

  it("status: tells who deployed, when, and how the last deployment ended", async () => {
    const { hosts: found } = await json("status", "--tier", "prod");
    expect(found.web01).toMatchObject({
      behind: false,
      generation: 3,
      by: expect.stringContaining("@"),
      lastDeployment: { outcome: "committed", goal: "switch" },
    });
    expect(Date.now() - Date.parse(found.web01.since)).toBeLessThan(10 * 60_000);
    expect(found.dns01).toMatchObject({
      behind: true,
      generation: 2,
      lastDeployment: { outcome: "rolled-back" },
    });
    const { status, stdout } = await run("status", "--name", "web01", "--name", "dns01");
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^HOST +TIER +ROLE +RUNNING +BOOTED +WANTED +GENERATION +SINCE +BY +REBOOT +LAST\n/,
    );
    expect(stdout).toMatch(
      /^web01 +prod +web +[a-z0-9]{8}\S* +[a-z0-9]{8}\S* +same +3 +\d{4}-\d\d-\d\d \d\d:\d\d +\S+@\S+ +- +committed$/m,
    );
  });

  it("apply: flags go before what the file says, and that before the host", async () => {
    write({ web01: marked("three"), dns01: marked("one") });
    expect(await json("apply", "--name", "web01", "--goal", "boot")).toMatchObject({
      status: 0,
      hosts: { web01: { outcome: "committed", generation: 4 } },
    });
    expect(await marker("web01")).toBe("two");
    const status = await json("status", "--name", "web01");
    expect(status.hosts.web01).toMatchObject({ behind: true, generation: 4, bootGeneration: 4 });
  });

  it("metrics: are what Prometheus reads, and replace a file at once", async () => {
    const { status, stdout } = await run("metrics", "--tier", "prod");
    expect(status).toBe(0);
    execFileSync("promtool", ["check", "metrics"], { input: stdout });
    expect(stdout).toContain('homelab_host_up{host="web01",tier="prod",role="web"} 1\n');
    expect(stdout).toContain('homelab_host_generation{host="web01",tier="prod",role="web"} 4\n');
    expect(stdout).toContain('homelab_host_behind_wanted{host="web01",tier="prod",role="web"} 1\n');
    expect(stdout).toMatch(
      /^homelab_host_last_deployment_timestamp_seconds\{.*outcome="rolled-back"\} 1\d{9}$/m,
    );
    const files = join(directory, "metrics");
    mkdirSync(files);
    writeFileSync(join(files, "fleet.prom"), "old");
    expect(await run("metrics", "--tier", "prod", "--file", join(files, "fleet.prom"))).toMatchObject({
      stdout: "",
    });
    expect(readFileSync(join(files, "fleet.prom"), "utf8")).toBe(stdout);
    expect(readdirSync(files)).toEqual(["fleet.prom"]);
  });

  it("history: reaches a host as the file above says", async () => {
    const { status, stdout } = await runCliIn(join(directory, "flake"), "history", "dns01", "--count", "1");
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining("rolled-back") });
  });
});
