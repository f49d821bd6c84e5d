import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { noHosts, Project } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { flakeText, fleetProgram, overrideInputs, typeScriptProject } from "./support/homelab.ts";
import { errorsOf, mustRun } from "./support/stack.ts";
import { useListeners } from "./support/use-listeners.ts";

const names = ["web01", "dns01", "nas01", "box"] as const;

/** Whether something listens on the port of SSH. */
function hasSsh(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 1000 });
    const end = (answer: boolean) => resolve(socket.destroy() && answer);
    socket.once("connect", () => end(true)).once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

/** What the stack's state says of a host. */
async function hostOf(project: Project, name: string): Promise<{ derivation: string }> {
  const { deployment } = JSON.parse((await project.run(["stack", "export"])).stdout);
  return deployment.resources.find(({ urn }: { urn: string }) => urn.endsWith(`::${name}`)).outputs;
}

describe.skipIf(noHosts)("hosts that are reached over NATS alone", () => {
  const site = useListeners(...names);
  const { hosts, marker, shell, stored, messages, service } = site;
  const markers = () => Promise.all(names.map(marker));

  /** A system of its own for each host, that trusts the key and has no SSH server. */
  const modules = (text: string, more = "") =>
    Object.fromEntries(
      names.map((name) => [
        name,
        `{ lib, ... }: {
          networking.hostName = "${name}";
          services.openssh.enable = lib.mkForce false;
          nix.settings.trusted-public-keys = [ "${site.publicKey}" ];
          environment.etc.marker.text = "${text}";
          ${more}
        }`,
      ]),
    );
  const want = (project: Project, text: string, more = "") =>
    project.write({ "flake/flake.nix": flakeText(modules(text, more)) });
  const program = fleetProgram.replace(
    ", definition)",
    ', { ...definition, rollback: { confirmTimeout: "10s" } })',
  );
  const open = (text: string, config: Record<string, unknown> = {}) =>
    Project.create({
      files: { ...typeScriptProject(program), "flake/flake.nix": flakeText(modules(text)) },
      stack: "test",
      config: {
        "homelab:flake": "path:./flake",
        "homelab:overrideInputs": overrideInputs,
        "nixos:signingKey": site.signingKey,
        ...site.reaching(),
        ...config,
      },
    });

  it("get their closures from the object store, and a second time only what is new, once for all", async () => {
    await using project = await open("one");
    await mustRun(project, ["up", "--yes", "--skip-preview"]);
    expect(await markers()).toEqual(["one", "one", "one", "one"]);
    expect(await Promise.all(hosts().map(({ address }) => hasSsh(address)))).not.toContain(true);
    const { stdout: state } = await project.run(["stack", "export"]);
    expect(state).not.toContain(site.seed());
    const before = new Set((await stored()).map(({ nuid }) => nuid));
    const messagesBefore = await messages();

    await want(project, "two");
    await mustRun(project, ["up", "--yes", "--skip-preview"]);
    expect(await markers()).toEqual(["two", "two", "two", "two"]);
    const added = (await stored()).filter(({ nuid }) => !before.has(nuid));
    // The marker of all, and two paths of each host that name it; each with its NAR.
    expect(added.filter(({ name }) => name.endsWith(".narinfo"))).toHaveLength(1 + 2 * names.length);
    expect(new Set(added.map(({ name }) => name)).size).toBe(2 * (1 + 2 * names.length));
    expect((await messages()) - messagesBefore).toBe(2 * added.length);
    expect(before.size).toBeGreaterThan(30);
    await mustRun(project, ["refresh", "--yes", "--expect-no-changes"]);
  });

  it("take nothing that no key has signed", async () => {
    await using project = await open("unsigned", { "nixos:signingKey": undefined });
    const { exitCode, stdout } = await project.run(["up", "--yes", "--skip-preview"]);
    expect(exitCode).not.toBe(0);
    expect(errorsOf(stdout, "web01")).toEqual([
      expect.stringMatching(/web01 does not take .*: no key that it trusts has signed it/),
    ]);
    expect(await markers()).toEqual(["two", "two", "two", "two"]);
  });

  it("go on when their listeners are killed while they activate", async () => {
    await using project = await open("two");
    const slow = `systemd.services.slow = { wantedBy = [ "multi-user.target" ];
      serviceConfig = { Type = "oneshot"; RemainAfterExit = true; ExecStart = "/bin/sh -c 'sleep 5'"; }; };`;
    await want(project, "slow", slow);
    const up = project.run(["up", "--yes", "--skip-preview"]);
    const kill = `for _ in $(seq 600); do systemctl is-active slow.service | grep -q activating && break; sleep 0.1; done
      systemctl kill --signal=KILL ${service}`;
    await Promise.all(names.map((name) => shell(name, kill)));
    const { exitCode, stdout } = await up;
    expect(exitCode, stdout).toBe(0);
    expect(await markers()).toEqual(["slow", "slow", "slow", "slow"]);
  });

  it("build their systems themselves where the program says so", async () => {
    const there = program.replace("...definition,", '...definition, buildOn: "target",');
    await using project = await open("slow");
    await project.write({
      ...typeScriptProject(there),
      "flake/flake.nix": flakeText(modules("built there")),
    });
    const { stdout } = await mustRun(project, ["up", "--yes", "--skip-preview"]);
    expect(await markers()).toEqual(names.map(() => "built there"));
    expect(stdout).toMatch(/building '\/nix\/store\/\S+\.drv'/);
    const { derivation } = await hostOf(project, "web01");
    const outputs = execFileSync("nix-store", ["--query", "--outputs", derivation], { encoding: "utf8" });
    expect(existsSync(outputs.trim())).toBe(false);
  });

  it("say why a system did not build there", async () => {
    const there = program.replace("...definition,", '...definition, buildOn: "target",');
    await using project = await open("built there");
    const broken = `environment.etc.broken.source = derivation {
      name = "broken"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo out of luck; exit 1" ]; };`;
    await project.write({
      ...typeScriptProject(there),
      "flake/flake.nix": flakeText(modules("broken", broken)),
    });
    const { exitCode, stdout } = await project.run(["up", "--yes", "--skip-preview"]);
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/did not build:.*out of luck/s);
    expect(await markers()).toEqual(names.map(() => "built there"));
  });

  it("go back to what they ran when they have no network", async () => {
    await using project = await open("built there");
    await want(project, "cut", "networking.useDHCP = false;");
    const cut = await project.run(["up", "--yes", "--skip-preview"]);
    expect(errorsOf(cut.stdout, "box")).toEqual([
      expect.stringMatching(/box was rolled back: nobody confirmed/),
    ]);
    expect(await markers()).toEqual(names.map(() => "built there"));
  });
});
