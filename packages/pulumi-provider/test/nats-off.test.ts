import { setTimeout as sleep } from "node:timers/promises";
import { noHosts, Project } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { flakeText, fleetProgram, overrideInputs, typeScriptProject } from "./support/homelab.ts";
import { mustRun } from "./support/stack.ts";
import { useListeners } from "./support/use-listeners.ts";

describe.skipIf(noHosts)("a host that is off while it is deployed to", () => {
  const site = useListeners("web01");
  const { shell, marker } = site;
  const module = (text: string, more = "") => `{ lib, ... }: {
    networking.hostName = "web01";
    services.openssh.enable = lib.mkForce false;
    nix.settings.trusted-public-keys = [ "${site.publicKey}" ];
    environment.etc.marker.text = "${text}";
    ${more}
  }`;
  const flake = (text: string, more = "") => ({
    "flake/flake.nix": flakeText({ web01: module(text, more) }),
  });
  const open = (text: string) => {
    const policy = '{ ...definition, rollback: { confirmTimeout: "20s" } }';
    const { nats } = site.reaching()["nixos:connection"] as { nats: object };
    return Project.create({
      files: { ...typeScriptProject(fleetProgram.replace(", definition)", `, ${policy})`)), ...flake(text) },
      stack: "test",
      config: {
        "homelab:flake": "path:./flake",
        "homelab:overrideInputs": overrideInputs,
        "nixos:signingKey": site.signingKey,
        "nixos:connection": { nats: { ...nats, whenOff: "pending" } },
      },
    });
  };
  const state = async (project: Project) => {
    const { deployment } = JSON.parse((await project.run(["stack", "export"])).stdout);
    return deployment.resources.find(({ type }: { type: string }) => type === "nixos:index:Host").outputs;
  };
  /** Outcomes of the deployments to systems with these markers, oldest first, as the host's journal has them. */
  const journal = () =>
    shell(
      "web01",
      `for entry in $(ls -tr -d /var/lib/homelab-deploy/deployments/*/); do cat "$entry/record" "$entry/outcome" 2>/dev/null; done`,
    );
  const switchOn = async () => {
    const start = Date.now();
    await site.bed().boot("web01");
    return start;
  };
  const becomes = async (text: string, start: number) => {
    while ((await marker("web01").catch(() => "")) !== text) {
      if (Date.now() > start + 60_000) throw new Error(await shell("web01", `journalctl -u ${site.service}`));
      await sleep(200);
    }
    console.log(`web01 ran ${text} ${((Date.now() - start) / 1000).toFixed(1)} s after it was switched on`);
  };

  it("gets its system when it is back, and the next refresh knows", async () => {
    await using project = await open("one");
    await mustRun(project, ["up", "--yes", "--skip-preview"]);
    const before = await state(project);
    await site.bed().kill("web01");
    await project.write(flake("two"));
    const { stdout } = await mustRun(project, ["up", "--yes", "--skip-preview"]);
    expect(stdout).toContain("web01 gets its system when it is back");
    expect(await state(project)).toMatchObject({ system: before.system, outcome: "pending" });

    await becomes("two", await switchOn());
    console.log(await journal());
    await expect
      .poll(async () => (await mustRun(project, ["refresh", "--yes"])) && (await state(project)).outcome, {
        timeout: 60_000,
      })
      .toBe("committed");
    await mustRun(project, ["preview", "--expect-no-changes"]);
  });
});
