import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noHosts, Project } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import {
  flakeText,
  fleetProgram,
  marked,
  overrideInputs,
  reaching,
  typeScriptProject,
  yamlProject,
} from "./support/homelab.ts";
import { changes, mustRun, recordingNix } from "./support/stack.ts";
import { useHosts } from "./support/use-hosts.ts";

describe.skipIf(noHosts)("programs of many kinds", () => {
  const { hosts, marker } = useHosts("web01", "dns01", "nas01", "box");
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
      config: { "homelab:overrideInputs": overrideInputs, ...reaching(hosts()) },
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
      config: { "homelab:file": "./homelab.nix", ...reaching(hosts("box")) },
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
        ...reaching(hosts("box")),
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
      config: reaching(hosts("nas01")),
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
      config: reaching(hosts("nas01")),
    });
    await mustRun(project, ["up", "--yes"]);
    expect(await marker("nas01")).toBe(text("YAML, one flake"));
  });
});
