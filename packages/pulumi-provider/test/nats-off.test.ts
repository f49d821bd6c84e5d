import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, inspectHost } from "@homelab-deploy/core";
import { noHosts, Project } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flakeText, fleetProgram, overrideInputs, typeScriptProject } from "./support/homelab.ts";
import { mustRun } from "./support/stack.ts";
import { useListeners } from "./support/use-listeners.ts";

const { signal } = new AbortController();
const broken = `systemd.services.broken = { wantedBy = [ "multi-user.target" ];
  serviceConfig = { Type = "oneshot"; ExecStart = "/bin/sh -c 'exit 1'"; }; };`;

describe.skipIf(noHosts)("a host that is off while it is deployed to", () => {
  const site = useListeners("web01");
  const { shell, marker, service } = site;

  const flake = (text: string, more = "") => {
    const module = `{ pkgs, ... }: {
      networking.hostName = "web01";
      nix.settings.trusted-public-keys = [ "${site.publicKey}" ];
      environment.etc.marker.text = "${text}";
      ${more}
    }`;
    return { "flake/flake.nix": flakeText({ web01: module }) };
  };
  const connection = () => {
    const { nats } = site.reaching()["nixos:connection"] as Connection;
    return { nats: { ...nats, whenOff: "pending" as const } };
  };
  const open = (text: string) => {
    const policy = '{ ...definition, rollback: { confirmTimeout: "20s" }, reboot: "when-needed" }';
    return Project.create({
      files: { ...typeScriptProject(fleetProgram.replace(", definition)", `, ${policy})`)), ...flake(text) },
      stack: "test",
      config: {
        "homelab:flake": "path:./flake",
        "homelab:overrideInputs": overrideInputs,
        "nixos:signingKey": site.signingKey,
        "nixos:connection": connection(),
      },
    });
  };
  const up = () => mustRun(project, ["up", "--yes", "--skip-preview"]);
  const state = async () => {
    const { deployment } = JSON.parse((await project.run(["stack", "export"])).stdout);
    return deployment.resources.find(({ type }: { type: string }) => type === "nixos:index:Host").outputs;
  };
  const journal = async () =>
    (await inspectHost("web01", connection(), { signal })).deployments.map(({ to, outcome }) => [
      to,
      outcome,
    ]);

  /** Switches the host on, and waits until `isDone`; a minute at most. */
  const comeBack = async (what: string, isDone: () => Promise<boolean>) => {
    const start = Date.now();
    await site.bed().boot("web01");
    while (!(await isDone().catch(() => false))) {
      if (Date.now() > start + 60_000)
        throw new Error(await shell("web01", `journalctl --boot -u ${service}`));
      await sleep(200);
    }
    console.log(`${what} ${((Date.now() - start) / 1000).toFixed(1)} s after the host was switched on`);
  };
  const isOver = async () => (await inspectHost("web01", connection(), { signal })).lock === undefined;
  const runs = (text: string) => async () => (await marker("web01")) === text && isOver();

  let project: Project;
  beforeAll(async () => {
    project = await open("one");
    await up();
  });
  afterAll(() => project?.[Symbol.asyncDispose]());

  it("gets its system when it is back, and the next refresh knows", async () => {
    const before = await state();
    await site.bed().kill("web01");
    await project.write(flake("two"));
    expect((await up()).stdout).toContain("web01 gets its system when it is back");
    expect(await state()).toMatchObject({ system: before.system, outcome: "pending" });

    await comeBack("caught up", runs("two"));
    await mustRun(project, ["refresh", "--yes"]);
    const { toplevel, system, outcome } = await state();
    expect([system, outcome]).toEqual([toplevel, "committed"]);
    await mustRun(project, ["preview", "--expect-no-changes"]);
  });

  it("goes back to what it ran, once, when it is not healthy", async () => {
    await site.bed().kill("web01");
    await project.write(flake("broken", broken));
    await up();
    const { toplevel, system } = await state();

    await comeBack("rolled back", async () => (await journal())[0]?.[1] === "rolled-back");
    expect((await journal())[0]).toEqual([toplevel, "rolled-back"]);
    expect(await marker("web01")).toBe("two");
    await shell("web01", `systemctl restart ${service}`);
    await sleep(5_000);
    expect((await journal()).filter(([to]) => to === toplevel)).toHaveLength(1);
    await mustRun(project, ["refresh", "--yes"]);
    expect((await state()).system).toBe(system);
    const { exitCode } = await project.run(["preview", "--expect-no-changes"]);
    expect(exitCode).not.toBe(0);
  });

  it("gets the last of several systems, and none before it", async () => {
    await site.bed().kill("web01");
    await project.write(flake("three"));
    await up();
    const { toplevel: three } = await state();
    await project.write(flake("four"));
    await up();

    await comeBack("caught up", runs("four"));
    expect((await journal()).map(([to]) => to)).not.toContain(three);
    // As it is wanted to be what it was before, it has to be told.
    await site.bed().kill("web01");
    await project.write(flake("five"));
    await up();
    await project.write(flake("four"));
    await up();
    await comeBack("was back", isOver);
    await sleep(5_000);
    expect(await marker("web01")).toBe("four");
    expect((await journal()).filter(([, outcome]) => outcome === "committed")).toHaveLength(3);
  });

  it("is rebooted for another kernel, when it may be", async () => {
    await site.bed().kill("web01");
    await project.write(flake("kernel", "boot.kernelPackages = pkgs.linuxPackages_6_15;"));
    await up();
    const { toplevel } = await state();
    await comeBack("caught up, and rebooted", async () => {
      const [newest] = await journal();
      return newest?.[0] === toplevel && newest?.[1] === "committed";
    });
    expect(await marker("web01")).toBe("kernel");
    expect(await shell("web01", "readlink -f /run/booted-system")).toBe(toplevel);
    await mustRun(project, ["refresh", "--yes"]);
    expect(await state()).toMatchObject({ system: toplevel, bootDefault: toplevel, outcome: "committed" });
  });

  it("gets nothing more once it has left the stack", async () => {
    const before = await marker("web01");
    await site.bed().kill("web01");
    await project.write(flake("six"));
    await up();
    await mustRun(project, ["destroy", "--yes", "--skip-preview"]);
    await comeBack("was back", isOver);
    await sleep(15_000);
    expect(await marker("web01")).toBe(before);
  });
});
