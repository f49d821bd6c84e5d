import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createBuilder,
  evaluateFleet,
  type FleetHost,
  type FleetSelection,
  type FleetSource,
} from "../src/index.ts";
import { run } from "../src/process/run.ts";

const { signal } = new AbortController();
let directory: string;
const cacheHome = process.env.XDG_CACHE_HOME;

// Hosts made of bare derivations: what matters here is how they are evaluated, and not what is in them.
const host = (name: string, options: { deploy?: string; script?: string; needs?: string } = {}) => `
  ${name}.config = {
    system.build.toplevel = derivation {
      name = "nixos-system-${name}";
      system = "x86_64-linux";
      builder = "/bin/sh";
      args = [ "-c" ''${options.script ?? ": > $out"}'' ];
      salt = "${process.pid}-${Math.random()}";
      needs = ${options.needs ?? '""'};
    };
    ${options.deploy === undefined ? "" : `homelab.deploy = ${options.deploy};`}
  };`;
const flake = (hosts: string, extra = "") =>
  `{ ${extra} outputs = inputs: { nixosConfigurations = { ${hosts} }; }; }`;

async function evaluate(source: FleetSource, selection: FleetSelection = {}) {
  const evaluated: string[] = [];
  const { hosts } = await evaluateFleet(source, selection, {
    signal,
    onEvaluate: (name) => evaluated.push(name),
  });
  return { hosts, names: Object.keys(hosts).sort(), evaluated: evaluated.sort() };
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "evaluation-test-"));
  process.env.XDG_CACHE_HOME = join(directory, "cache");
});
afterAll(() => {
  rmSync(directory, { recursive: true });
  if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheHome;
});

let source: FleetSource;
let write: (text: string) => void;
beforeEach(() => {
  const place = mkdtempSync(join(directory, "flake-"));
  source = { flake: `path:${place}` };
  write = (text) => writeFileSync(join(place, "flake.nix"), text);
});

describe("evaluateFleet", () => {
  it("gives every host of a flake that knows nothing of deployments", async () => {
    write(flake(host("a") + host("b")));
    const { hosts, names } = await evaluate(source);
    expect(names).toEqual(["a", "b"]);
    expect(hosts.a).toEqual({
      name: "a",
      toplevel: expect.stringMatching(/^\/nix\/store\/.*-nixos-system-a$/),
      derivation: expect.stringMatching(/^\/nix\/store\/.*-nixos-system-a\.drv$/),
      system: "x86_64-linux",
    });
  });

  it("reads deployment metadata where there is any", async () => {
    write(
      flake(
        host("a", {
          deploy: `{ targetHost = "10.0.0.1"; port = 2222; user = null; tier = "prod"; role = "web"; tags = [ "x" ];
            rollback = { confirmTimeout = "10s"; activationTimeout = null; }; buildOn = "target"; goal = "boot"; reboot = "never"; }`,
        }),
      ),
    );
    expect((await evaluate(source)).hosts.a).toMatchObject({
      connection: { ssh: { host: "10.0.0.1", port: 2222 } },
      tier: "prod",
      role: "web",
      tags: ["x"],
      rollback: { confirmTimeout: "10s" },
      buildOn: "target",
      goal: "boot",
    });
  });

  it("reads the metadata alone, of hosts whose systems do not evaluate too", async () => {
    const hosts = host("a", { deploy: `{ tier = "prod"; targetHost = "10.0.0.1"; }`, needs: `(throw "x")` });
    write(flake(`${hosts} ${host("b")}`));
    const onEvaluate = () => expect.unreachable();
    const options = { signal, onEvaluate, withoutSystems: true };
    expect((await evaluateFleet(source, {}, options)).hosts).toEqual({
      a: { name: "a", tier: "prod", connection: { ssh: { host: "10.0.0.1" } } },
      b: { name: "b" },
    });
    expect(Object.keys((await evaluateFleet(source, { tier: "prod" }, options)).hosts)).toEqual(["a"]);
  });

  it("reads health checks and the rest from the options of our NixOS module", async () => {
    const file = join(directory, "module.nix");
    const repository = join(import.meta.dirname, "../../..");
    writeFileSync(
      file,
      `let
        lib = import ${repository}/packages/testbed/nixpkgs/lib;
        host = deploy: {
          config = {
            homelab = (lib.evalModules {
              modules = [ ${repository}/nix/modules/deploy.nix { homelab.deploy = deploy; } ];
            }).config.homelab;
            system.build.toplevel = derivation { name = "x"; system = "x86_64-linux"; builder = "/bin/sh"; };
          };
        };
      in {
        plain = host { };
        reached = host {
          targetHost = "10.0.0.1";
          user = "deploy";
          connection.ssh = { port = 2222; user = "alice"; proxyJump = "gate.lan"; sudo = true; };
        };
        here = host { connection.local = { }; };
        full = host {
          healthChecks = [
            { systemd.units = [ "nginx.service" ]; grace = "0s"; retries = 3; }
            { name = "web"; http = { url = "https://web01.lan/"; status = [ 200 204 ]; body = "ok"; }; }
            { tcp = { port = 443; from = "controller"; }; }
            { disk = { path = "/var"; free = "1.5GiB"; }; timeout = "5s"; }
            { command.run = "true"; interval = "1s"; }
          ];
          rollback = { unhealthy = "warn"; rescue = "reboot"; };
          reboot = "when-needed";
          rebootTimeout = "5m";
        };
        both = host { healthChecks = [ { tcp.port = 1; command.run = "true"; } ]; };
        none = host { healthChecks = [ { name = "x"; } ]; };
        hostile = host { healthChecks = [ { command.run = "a\nb"; } ]; };
        foreign.config = (host { }).config // {
          homelab.deploy.healthChecks = [ { command = { run = "touch /tmp/pwned"; on = "controller"; }; } ];
        };
      }`,
    );
    const { hosts } = await evaluate({ file });
    expect(hosts.plain).not.toHaveProperty("healthChecks");
    expect(hosts.plain).not.toHaveProperty("connection");
    expect(hosts.reached?.connection).toEqual({
      ssh: { host: "10.0.0.1", port: 2222, user: "alice", proxyJump: "gate.lan", sudo: true },
    });
    expect(hosts.here?.evaluationError).toContain("homelab.deploy.connection.local");
    expect(hosts.full).toMatchObject({
      rollback: { unhealthy: "warn", rescue: "reboot" },
      reboot: "when-needed",
      rebootTimeout: "5m",
    });
    expect(hosts.full?.healthChecks).toEqual([
      { systemd: { units: ["nginx.service"] }, grace: "0s", retries: 3 },
      { name: "web", http: { url: "https://web01.lan/", status: [200, 204], body: "ok" } },
      { tcp: { port: 443, from: "controller" } },
      { disk: { path: "/var", free: "1.5GiB" }, timeout: "5s" },
      { command: { run: "true" }, interval: "1s" },
    ]);
    expect(hosts.both?.evaluationError).toContain("a health check is exactly one of");
    expect(hosts.none?.evaluationError).toContain("a health check is exactly one of");
    expect(hosts.hostile?.evaluationError).toContain("healthChecks");
    expect(hosts.foreign?.evaluationError).toContain("a command for the controller");
  });

  it.each<[string, FleetSelection, string[]]>([
    ["tier", { tier: "prod" }, ["a", "b"]],
    ["role", { role: "web" }, ["a", "c"]],
    ["tags, all of them", { tags: ["x", "y"] }, ["b"]],
    ["tier and role", { tier: "prod", role: "web" }, ["a"]],
    ["names", { names: ["c"] }, ["c"]],
    ["names and tier", { names: ["a", "c"], tier: "test" }, ["c"]],
  ])("selects by %s", async (_title, selection, expected) => {
    write(
      flake(
        host("a", { deploy: `{ tier = "prod"; role = "web"; tags = [ "x" ]; }` }) +
          host("b", { deploy: `{ tier = "prod"; role = "dns"; tags = [ "x" "y" ]; }` }) +
          host("c", { deploy: `{ tier = "test"; role = "web"; }` }) +
          host("d"),
      ),
    );
    const { names, evaluated } = await evaluate(source, selection);
    expect(names).toEqual(expected);
    expect(evaluated).toEqual(expected);
  });

  it("evaluates an unchanged source once, and a changed one again", async () => {
    const text = flake(host("a") + host("b"));
    write(text);
    expect((await evaluate(source)).evaluated).toEqual(["a", "b"]);
    expect((await evaluate(source)).evaluated).toEqual([]);
    write(`${text}# changed`);
    expect((await evaluate(source)).evaluated).toEqual(["a", "b"]);
  });

  it("evaluates a changed override again, and forgets nothing of the old one", async () => {
    const other = mkdtempSync(join(directory, "input-"));
    const input = (value: string) =>
      writeFileSync(join(other, "flake.nix"), `{ outputs = _: { value = "${value}"; }; }`);
    write(
      `{ inputs.other.url = "path:/nowhere"; outputs = { other, ... }: { nixosConfigurations = { ${host("a", { needs: "other.value" })} }; }; }`,
    );
    const overridden = { ...source, overrideInputs: { other: `path:${other}` } };
    input("one");
    const first = await evaluate(overridden);
    expect((await evaluate(overridden)).evaluated).toEqual([]);
    input("two");
    const second = await evaluate(overridden);
    expect(second.evaluated).toEqual(["a"]);
    expect(second.hosts.a?.toplevel).not.toBe(first.hosts.a?.toplevel);
  });

  it("evaluates again when the garbage collector took the derivation", async () => {
    write(flake(host("a")));
    const { hosts } = await evaluate(source);
    await run(["nix-store", "--delete", hosts.a?.derivation ?? ""], { signal });
    expect((await evaluate(source)).evaluated).toEqual(["a"]);
  });

  it("does not keep impure evaluations", async () => {
    write(flake(host("a")));
    const impure = { ...source, impure: true };
    expect([(await evaluate(impure)).evaluated, (await evaluate(impure)).evaluated]).toEqual([["a"], ["a"]]);
  });

  it.each<[string, string, RegExp]>([
    ["throws", `throw "out of luck"`, /^out of luck \(at flake\.nix:\d+:\d+\)$/],
    ["has an unknown variable", "nosuch", /undefined variable 'nosuch'/],
    ["has no toplevel", "{ }", /attribute.*(system|config).* missing/],
  ])("lets a host that %s fail alone", async (_title, broken, message) => {
    const value = broken === "{ }" ? "broken = { };" : `broken.config.system.build.toplevel = ${broken};`;
    write(flake(host("good") + value));
    if (broken === "nosuch") {
      // An unknown variable is an error of the whole file, unless it is in a file of its own.
      writeFileSync(
        join(source.flake?.slice(5) ?? "", "broken.nix"),
        "{ config.system.build.toplevel = nosuch; }",
      );
      write(flake(`${host("good")} broken = import ./broken.nix;`));
    }
    const { hosts } = await evaluate(source);
    expect(hosts.good?.toplevel).toBeDefined();
    expect(hosts.broken?.toplevel).toBeUndefined();
    expect(hosts.broken?.evaluationError).toMatch(message);
  });

  it("says so when a host does not exist, or its name is none", async () => {
    write(flake(host("a")));
    const { hosts } = await evaluate(source, { names: ["ghost", `a" or "b`] });
    expect(hosts.ghost?.evaluationError).toContain("there is no host ghost");
    expect(hosts[`a" or "b`]?.evaluationError).toContain("not a host name");
  });

  it.each<[string, FleetSource, RegExp]>([
    ["a flake that does not exist", { flake: "path:/nowhere" }, /\/nowhere/],
    ["no source at all", {}, /neither a flake nor a file/],
  ])("throws for %s", async (_title, wrong, message) => {
    await expect(evaluate(wrong)).rejects.toMatchObject({
      name: "DeployError",
      message: expect.stringMatching(message),
    });
  });

  it("reads a plain Nix file: a set of hosts, one with nixosConfigurations, a function", async () => {
    const file = join(directory, "homelab.nix");
    for (const wrap of [
      (text: string) => text,
      (text: string) => `{ nixosConfigurations = ${text}; }`,
      (text: string) => `{ }: ${text}`,
    ]) {
      writeFileSync(file, wrap(`{ ${host("a")} }`));
      expect((await evaluate({ file })).names).toEqual(["a"]);
    }
  });

  it("ends when it is aborted", async () => {
    write(
      flake(
        `slow.config.system.build.toplevel = builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 400000000);`,
      ),
    );
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 300);
    await expect(evaluateFleet(source, {}, { signal: controller.signal })).rejects.toThrow("enough");
  });
});

describe("the builder", () => {
  const onEvent = () => {};
  const request = ({ derivation, toplevel }: FleetHost) =>
    ({ derivation, toplevel }) as Parameters<ReturnType<typeof createBuilder>["build"]>[0];

  it("builds all hosts of one moment together, and a host is ready before its slower neighbour", async () => {
    write(flake(host("quick") + host("slow", { script: "/usr/bin/sleep 4; : > $out" })));
    const { hosts } = await evaluate(source);
    const builder = createBuilder();
    const order: string[] = [];
    const build = (name: string) =>
      builder.build(request(hosts[name] as FleetHost), { signal, onEvent }).then(() => order.push(name));
    await Promise.all([build("slow"), build("quick")]);
    expect(order).toEqual(["quick", "slow"]);
  });

  it("lets a failing host fail alone, with the end of its builder's log", async () => {
    const failing = `derivation { name = "part"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo line one; echo last words; exit 3" ]; salt = "${Math.random()}"; }`;
    write(flake(host("good") + host("bad", { needs: failing })));
    const { hosts } = await evaluate(source);
    const builder = createBuilder();
    const results = await Promise.allSettled(
      ["good", "bad"].map((name) => builder.build(request(hosts[name] as FleetHost), { signal, onEvent })),
    );
    expect(results[0]?.status).toBe("fulfilled");
    const { reason } = results[1] as PromiseRejectedResult;
    expect(reason).toMatchObject({
      code: "build-failed",
      hint: expect.stringMatching(/^nix log .*-part\.drv$/),
    });
    expect(reason.message).toMatch(/-part\.drv' failed with exit code 3\n {2}line one\n {2}last words$/);
  });

  it("says what to do about a host of another platform", async () => {
    write(flake(host("pi")).replace('system = "x86_64-linux"', 'system = "aarch64-linux"'));
    const { hosts } = await evaluate(source);
    const built = createBuilder().build(request(hosts.pi as FleetHost), { signal, onEvent });
    await expect(built).rejects.toMatchObject({
      code: "build-failed",
      message: expect.stringContaining("aarch64-linux"),
      hint: expect.stringContaining('buildOn: "target"'),
    });
  });

  it("ends the build when all who wait for it are gone", async () => {
    write(flake(host("slow", { script: "/usr/bin/sleep 60" })));
    const { hosts } = await evaluate(source);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 500);
    const built = createBuilder().build(request(hosts.slow as FleetHost), {
      signal: controller.signal,
      onEvent,
    });
    await expect(built).rejects.toThrow("enough");
    await expect
      .poll(
        async () =>
          (await run(["sh", "-c", "pgrep -fc '^/usr/bin/sleep 60$' || true"], { signal })).stdout.trim(),
        { timeout: 10_000 },
      )
      .toBe("0");
  });
});
