import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type HostInfo,
  nameOf,
  type Preview,
  Project,
  type Testbed,
  temporaryTestbed,
} from "@homelab-deploy/testbed";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  flakeText,
  fleetProgram,
  fleetProject,
  marked,
  overrideInputs,
  reaching,
  typeScriptProject,
  yamlProject,
} from "./support/homelab.ts";

let bed: Testbed;
let hosts: HostInfo[];

const only = (...names: string[]): HostInfo[] => hosts.filter(({ name }) => names.includes(name));
const marker = async (name: string) => (await bed.exec(name, ["cat", "/etc/marker"])).stdout;
const changes = (preview: Preview) =>
  preview.steps
    .filter(({ op }) => op !== "same")
    .map(({ op, urn, detailedDiff }) => [op, nameOf(urn), Object.keys(detailedDiff ?? {})]);

async function mustRun(project: Project, args: readonly string[], input = "") {
  const result = await project.run(args, { input });
  expect(result.exitCode, `${args.join(" ")}\n${result.stdout}${result.stderr}`).toBe(0);
  return result;
}

// A directory with a `nix` that writes its arguments to a file before it does what it is asked.
function recordingNix() {
  const directory = mkdtempSync(join(tmpdir(), "recording-nix-"));
  const log = join(directory, "log");
  const real = execFileSync("sh", ["-c", "command -v nix"], { encoding: "utf8" }).trim();
  writeFileSync(join(directory, "nix"), `#!/bin/sh\necho "$*" >> ${log}\nexec ${real} "$@"\n`);
  chmodSync(join(directory, "nix"), 0o755);
  return {
    env: { PATH: `${directory}:${process.env.PATH}` },
    take: () => {
      const lines = existsSync(log) ? readFileSync(log, "utf8") : "";
      rmSync(log, { force: true });
      return lines;
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}

describe.skipIf(process.env.HOMELAB_TEST_HOSTS === "0")("hosts as resources", () => {
  beforeAll(async () => {
    bed = await temporaryTestbed();
    hosts = await bed.up(["web01", "dns01", "nas01", "box"]);
  });
  afterAll(() => bed.down());
  afterEach(() => bed.up(hosts.map(({ name }) => name)));

  it("previews name the host that changes, build nothing and contact no host", async () => {
    const modules = { web01: marked("one"), dns01: marked("one"), nas01: marked("one") };
    await using project = await fleetProject(modules, hosts);
    const nix = recordingNix();
    await mustRun(project, ["up", "--yes", "--skip-preview"]);
    expect([await marker("web01"), await marker("dns01"), await marker("nas01")]).toEqual([
      "one",
      "one",
      "one",
    ]);
    await Promise.all(["web01", "dns01", "nas01"].map((name) => bed.kill(name)));

    const unchanged = await project.run(["preview", "--json", "--expect-no-changes"], { env: nix.env });
    expect(unchanged.exitCode, unchanged.stdout + unchanged.stderr).toBe(0);
    expect(nix.take()).not.toMatch(/flakes (eval|build)/);

    await project.write({ "flake/flake.nix": flakeText({ ...modules, dns01: marked(`two ${Date.now()}`) }) });
    const preview = JSON.parse(
      (await project.run(["preview", "--json"], { env: nix.env })).stdout,
    ) as Preview;
    expect(changes(preview)).toEqual([["update", "dns01", ["toplevel"]]]);
    const commands = nix.take();
    expect(commands).toMatch(/flakes eval/);
    expect(commands).not.toMatch(/flakes (build|copy|store)/);
    const step = preview.steps.find(({ op }) => op === "update") as unknown as {
      newState: { inputs: { toplevel: string } };
    };
    expect(existsSync(step.newState.inputs.toplevel)).toBe(false);

    nix.remove();
  });

  it("one host that does not evaluate, one that does not build, one that is off: the healthy one is deployed", async () => {
    const names = ["web01", "dns01", "nas01", "box"];
    const good = Object.fromEntries(names.map((name) => [name, marked("good")]));
    await using project = await fleetProject(good, hosts);
    await mustRun(project, ["up", "--yes", "--skip-preview"]);
    const before = await states(project);

    await project.write({
      "flake/flake.nix": flakeText({
        web01: marked("better"),
        dns01: `{ networking.hostNmae = "typo"; }`,
        nas01: `{ pkgs, ... }: { environment.etc.marker.source = pkgs.runCommand "unlucky" { } "echo no luck today; exit 1"; }`,
        box: marked("better"),
      }),
    });
    await bed.kill("box");
    const { exitCode, stdout } = await project.run(["up", "--yes"]);
    await bed.boot("box");
    expect(exitCode).not.toBe(0);
    expect(await marker("web01")).toBe("better");
    expect(stdout).toMatch(/warning: .*dns01 does not evaluate/);
    expect(errorsOf(stdout, "dns01")).toEqual([
      expect.stringMatching(/does not evaluate: .*networking\.hostNmae.* does not exist/),
    ]);
    expect(errorsOf(stdout, "nas01")).toEqual([expect.stringMatching(/builder for '.*unlucky\.drv' failed/)]);
    expect(stdout).toContain("no luck today");
    expect(errorsOf(stdout, "box")).toEqual([expect.stringMatching(/box cannot be reached/)]);
    expect(errorsOf(stdout, "web01")).toEqual([]);
    const after = await states(project);
    for (const name of ["dns01", "nas01", "box"]) expect(after[name], name).toEqual(before[name]);
    expect(after.web01).not.toEqual(before.web01);
    expect([await marker("dns01"), await marker("nas01"), await marker("box")]).toEqual([
      "good",
      "good",
      "good",
    ]);
  });

  describe("programs of many kinds", () => {
    const text = (value: string) => `from ${value}`;

    it("TypeScript: Hosts that name a flake and an attribute are evaluated together", async () => {
      const program = `
import { Host } from "@homelab-deploy/pulumi";
import { Config } from "@pulumi/pulumi/config.js";
const source = { flake: "path:./flake", overrideInputs: new Config().requireObject("overrideInputs") };
const web = new Host("web01", source);
const dns = new Host("names", { ...source, attribute: "dns01" }, { dependsOn: [web] });
export const systems = [web.system, dns.system];
`;
      const nix = recordingNix();
      await using project = await Project.create({
        files: {
          ...typeScriptProject(program),
          "flake/flake.nix": flakeText({
            web01: marked(text("attribute")),
            dns01: marked(text("attribute")),
          }),
        },
        stack: "test",
        config: { "homelab:overrideInputs": overrideInputs, ...reaching(hosts) },
      });
      const { exitCode, stdout } = await project.run(["up", "--yes", "--skip-preview"], { env: nix.env });
      expect(exitCode, stdout).toBe(0);
      expect(nix.take().match(/flake metadata/g)).toHaveLength(1);
      nix.remove();
      expect([await marker("web01"), await marker("dns01")]).toEqual([text("attribute"), text("attribute")]);
    });

    it("TypeScript: a plain Nix file", async () => {
      const file = `let nixpkgs = builtins.getFlake "${overrideInputs.nixpkgs}"; in {
        box = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ { services.openssh.enable = true; } ${marked(text("file"))} ]; };
      }`;
      await using project = await Project.create({
        files: { ...typeScriptProject(fleetProgram), "homelab.nix": file },
        stack: "test",
        config: { "homelab:file": "./homelab.nix", ...reaching(only("box")) },
      });
      await mustRun(project, ["up", "--yes"]);
      expect(await marker("box")).toBe(text("file"));
    });

    it("TypeScript: a branch of a remote Git repository", async () => {
      const repository = mkdtempSync(join(tmpdir(), "remote-flake-"));
      const git = (...args: string[]) =>
        execFileSync("git", [
          "-C",
          repository,
          "-c",
          "user.name=test",
          "-c",
          "user.email=test@localhost",
          ...args,
        ]);
      const commit = (value: string) => {
        writeFileSync(join(repository, "flake.nix"), flakeText({ box: marked(text(value)) }));
        git("add", ".");
        git("commit", "--quiet", "--message", value);
      };
      git("init", "--quiet", "--initial-branch=main");
      commit("main");
      git("switch", "--quiet", "--create", "next");
      commit("next");
      git("switch", "--quiet", "main");
      await using project = await Project.create({
        files: typeScriptProject(fleetProgram),
        stack: "test",
        config: {
          "homelab:flake": `git+file://${repository}?ref=next`,
          "homelab:overrideInputs": overrideInputs,
          ...reaching(only("box")),
        },
      });
      await mustRun(project, ["up", "--yes"]);
      expect(await marker("box")).toBe(text("next"));
      rmSync(repository, { recursive: true });
    });

    it("YAML: getFleet by fn::invoke", async () => {
      const fleet = {
        "fn::invoke": {
          function: "nixos:index:getFleet",
          arguments: { flake: "path:./flake", overrideInputs },
        },
      };
      await using project = await Project.create({
        files: {
          ...yamlProject({
            variables: { fleet },
            resources: {
              nas01: {
                type: "nixos:index:Host",
                properties: {
                  toplevel: '${fleet.hosts["nas01"].toplevel}',
                  derivation: '${fleet.hosts["nas01"].derivation}',
                },
              },
            },
            outputs: { generation: "${nas01.generation}" },
          }),
          "flake/flake.nix": flakeText({ nas01: marked(text("YAML")) }),
        },
        stack: "test",
        config: reaching(only("nas01")),
      });
      await mustRun(project, ["up", "--yes"]);
      expect(await marker("nas01")).toBe(text("YAML"));
      expect((await project.outputs()).generation).toEqual(expect.any(Number));
      expect(changes(await project.preview())).toEqual([]);
    });

    it("YAML: a Host that names a flake only", async () => {
      await using project = await Project.create({
        files: {
          ...yamlProject({
            resources: {
              nas01: { type: "nixos:index:Host", properties: { flake: "path:./flake", overrideInputs } },
            },
          }),
          "flake/flake.nix": flakeText({ nas01: marked(text("YAML, one flake")) }),
        },
        stack: "test",
        config: reaching(only("nas01")),
      });
      await mustRun(project, ["up", "--yes"]);
      expect(await marker("nas01")).toBe(text("YAML, one flake"));
    });
  });

  it("imports by the command and by the option, and shows no difference afterwards", async () => {
    const modules = { web01: marked("imported"), dns01: marked("imported") };
    await using first = await fleetProject(modules, hosts);
    await mustRun(first, ["up", "--yes", "--skip-preview"]);

    await using second = await fleetProject(modules, hosts);
    await mustRun(second, ["import", "nixos:index:Host", "web01", "web01", "--yes", "--generate-code=false"]);
    expect(
      (await second.run(["import", "nixos:index:Host", "ghost", "ghost", "--yes", "--generate-code=false"]))
        .exitCode,
    ).not.toBe(0);
    const option = fleetProgram.replace(
      "new Host(definition.name, definition)",
      'new Host(definition.name, definition, definition.name === "dns01" ? { import: "dns01" } : { protect: true })',
    );
    await second.write({ "index.ts": option });
    expect(changes(await second.preview())).toEqual([["import", "dns01", []]]);
    await mustRun(second, ["up", "--yes"]);
    expect(changes(await second.preview())).toEqual([]);
  });

  it("refresh finds drift, keeps a host that is off, and destroy leaves hosts running", async () => {
    await using project = await fleetProject({ web01: marked("kept"), box: marked("kept") }, hosts);
    await mustRun(project, ["up", "--yes", "--skip-preview"]);
    const before = await states(project);
    expect((await project.run(["refresh", "--yes", "--expect-no-changes"])).exitCode).toBe(0);

    await bed.exec("web01", ["nix-env", "--profile", "/nix/var/nix/profiles/system", "--rollback"]);
    await bed.exec("web01", ["/nix/var/nix/profiles/system/bin/switch-to-configuration", "switch"]);
    await bed.kill("box");
    const drift = await project.run(["refresh", "--yes", "--expect-no-changes"]);
    expect(drift.exitCode, drift.stdout).not.toBe(0);
    await mustRun(project, ["refresh", "--yes"]);
    expect((await states(project)).box).toEqual(before.box);
    expect(changes(await project.preview())).toEqual([["update", "web01", ["toplevel"]]]);
    await mustRun(project, ["up", "--yes"]);
    expect(await marker("web01")).toBe("kept");

    await bed.boot("box");
    await mustRun(project, ["destroy", "--yes"]);
    expect([await marker("web01"), await marker("box")]).toEqual(["kept", "kept"]);
  });

  describe("hostile values are refused by the plan, and nothing is executed", () => {
    const pwned = join(tmpdir(), "homelab-pwned");
    const command = `$(touch ${pwned})`;
    const toplevel = "/nix/store/kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-nixos-system-x";
    it.each([
      ["a name that is a command", command, { toplevel }],
      ["a name that is a flag", "-oProxyCommand=id", { toplevel }],
      ["a name with a newline", "a\nb", { toplevel }],
      ["an attribute that is a command", "x", { toplevel, attribute: command }],
      ["an attribute that closes a string", "x", { flake: ".", attribute: `a" + (throw "b") + "` }],
      ["a store path with a command", "x", { toplevel: `${toplevel}${command}` }],
      ["a store path that leaves the store", "x", { toplevel: "/nix/store/../../etc" }],
      [
        "an address that is a flag",
        "x",
        { toplevel, connection: { ssh: { host: `-oProxyCommand=touch ${pwned}` } } },
      ],
      [
        "an address with a newline",
        "x",
        { toplevel, connection: { ssh: { host: `a\nProxyCommand touch ${pwned}` } } },
      ],
      ["a user that is a command", "x", { toplevel, connection: { ssh: { user: command } } }],
      [
        "a jump host that is a flag",
        "x",
        { toplevel, connection: { ssh: { proxyJump: `-oProxyCommand=touch ${pwned}` } } },
      ],
      [
        "an identity file with a quote",
        "x",
        { toplevel, connection: { ssh: { identityFile: `/x"\nProxyCommand touch ${pwned}` } } },
      ],
      ["a flake that is a flag", "x", { flake: "--impure" }],
      ["a flake with an attribute", "x", { flake: ".#x" }],
      ["a goal that is a command", "x", { toplevel, goal: `switch; touch ${pwned}` }],
      ["a duration that is a command", "x", { toplevel, rollback: { confirmTimeout: command } }],
      ["a property that does not exist", "x", { toplevel, hosst: "x" }],
    ])("%s", async (_title, name, properties) => {
      const program = `import { Host } from "@homelab-deploy/pulumi";\nnew Host(${JSON.stringify(name)}, ${JSON.stringify(properties)});\n`;
      await using project = await Project.create({
        files: typeScriptProject(program),
        stack: "test",
        config: {},
      });
      const { exitCode, stdout, stderr } = await project.run(["preview"]);
      expect(exitCode).not.toBe(0);
      expect(stdout + stderr).toMatch(
        /error: [\s\S]*(\bnot? an? |\bno host name|has no such property|expected|Invalid)/i,
      );
      expect(stdout + stderr).not.toMatch(/\n\s+at .*\/packages\//);
      expect(existsSync(pwned)).toBe(false);
    });
  });

  it("a secret key in the configuration is in no log, no argument list and no state file", async () => {
    const [host] = only("web01") as [HostInfo];
    const key = readFileSync(host.identityFile, "utf8");
    const secret = key.split("\n").slice(1, -2);
    await using project = await fleetProject({ web01: marked("secret") }, [host]);
    await project.configure({
      "homelab:flake": "path:./flake",
      "homelab:overrideInputs": overrideInputs,
      "nixos:hosts": { web01: { host: host.address, hostKey: host.hostKey } },
    });
    await mustRun(project, ["config", "set", "--secret", "nixos:identity"], key);
    // From level 9 on Pulumi itself writes all that it sends to plugins.
    const seen = new Set<string>();
    const watch = setInterval(() => {
      for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
        try {
          seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
        } catch {}
      }
    }, 20);
    const { exitCode, stdout, stderr } = await project.run([
      "up",
      "--yes",
      "--debug",
      "--logtostderr",
      "-v=8",
    ]);
    clearInterval(watch);
    expect(exitCode, stdout).toBe(0);
    expect([...seen].some((argv) => argv.includes("ssh"))).toBe(true);
    const written = execFileSync(
      "find",
      [project.ownFiles, "-type", "f", "-not", "-path", "*/node_modules/*"],
      { encoding: "utf8" },
    )
      .trim()
      .split("\n")
      .map((file) => readFileSync(file, "utf8"));
    for (const line of secret) {
      expect(
        `${stdout}${stderr}`.split("\n").filter((text) => text.includes(line)),
        "in the output",
      ).toEqual([]);
      expect(
        [...seen].some((argv) => argv.includes(line)),
        "in an argument list",
      ).toBe(false);
      expect(
        written.some((text) => text.includes(line)),
        "in a file of Pulumi",
      ).toBe(false);
    }
    expect(readdirSync(tmpdir()).filter((entry) => entry.startsWith("homelab-ident"))).toEqual([]);
  });
});

// What the state says of each host.
async function states(project: Project): Promise<Record<string, unknown>> {
  const { stdout } = await project.run(["stack", "export"]);
  const { deployment } = JSON.parse(stdout) as {
    deployment: { resources?: { urn: string; type: string; inputs: unknown; outputs: unknown }[] };
  };
  const found = (deployment.resources ?? []).filter(({ type }) => type === "nixos:index:Host");
  return Object.fromEntries(found.map(({ urn, inputs, outputs }) => [nameOf(urn), { inputs, outputs }]));
}

// The errors in the diagnostics of one host.
function errorsOf(output: string, host: string): string[] {
  const diagnostics = output.slice(output.lastIndexOf("Diagnostics:"));
  const start = diagnostics.indexOf(`nixos:index:Host (${host}):`);
  if (start < 0) return [];
  const end = diagnostics.slice(start + 1).search(/\n {2}\S/);
  const block = end < 0 ? diagnostics.slice(start) : diagnostics.slice(start, start + 1 + end);
  return block.split("\n").filter((line) => line.includes("error:"));
}
