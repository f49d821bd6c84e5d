import { existsSync } from "node:fs";
import { noHosts, type Preview } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { flakeText, fleetProgram, fleetProject, marked } from "./support/homelab.ts";
import { changes, errorsOf, mustRun, recordingNix, states } from "./support/stack.ts";
import { useHosts } from "./support/use-hosts.ts";

describe.skipIf(noHosts)("hosts as resources", () => {
  const { bed, hosts, marker } = useHosts("web01", "dns01", "nas01", "box");

  it("previews name the host that changes, build nothing and contact no host", async () => {
    const modules = { web01: marked("one"), dns01: marked("one"), nas01: marked("one") };
    await using project = await fleetProject(modules, hosts());
    const nix = recordingNix();
    await mustRun(project, ["up", "--yes", "--skip-preview"]);
    expect([await marker("web01"), await marker("dns01"), await marker("nas01")]).toEqual([
      "one",
      "one",
      "one",
    ]);
    await Promise.all(["web01", "dns01", "nas01"].map((name) => bed().kill(name)));

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
    await using project = await fleetProject(good, hosts());
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
    await bed().kill("box");
    const { exitCode, stdout } = await project.run(["up", "--yes"]);
    await bed().boot("box");
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

  it("imports by the command and by the option, and shows no difference afterwards", async () => {
    const modules = { web01: marked("imported"), dns01: marked("imported") };
    await using first = await fleetProject(modules, hosts());
    await mustRun(first, ["up", "--yes", "--skip-preview"]);

    await using second = await fleetProject(modules, hosts());
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
    await using project = await fleetProject({ web01: marked("kept"), box: marked("kept") }, hosts());
    await mustRun(project, ["up", "--yes", "--skip-preview"]);
    const before = await states(project);
    expect((await project.run(["refresh", "--yes", "--expect-no-changes"])).exitCode).toBe(0);

    await bed().exec("web01", ["nix-env", "--profile", "/nix/var/nix/profiles/system", "--rollback"]);
    await bed().exec("web01", ["/nix/var/nix/profiles/system/bin/switch-to-configuration", "switch"]);
    await bed().kill("box");
    const drift = await project.run(["refresh", "--yes", "--expect-no-changes"]);
    expect(drift.exitCode, drift.stdout).not.toBe(0);
    await mustRun(project, ["refresh", "--yes"]);
    expect((await states(project)).box).toEqual(before.box);
    expect(changes(await project.preview())).toEqual([["update", "web01", ["toplevel"]]]);
    await mustRun(project, ["up", "--yes"]);
    expect(await marker("web01")).toBe("kept");

    await bed().boot("box");
    await mustRun(project, ["destroy", "--yes"]);
    expect([await marker("web01"), await marker("box")]).toEqual(["kept", "kept"]);
  });
});
