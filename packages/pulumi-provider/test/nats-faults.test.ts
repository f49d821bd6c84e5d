import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { noHosts, Project } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flakeText, fleetProgram, overrideInputs, typeScriptProject } from "./support/homelab.ts";
import { mustRun } from "./support/stack.ts";
import { useListeners } from "./support/use-listeners.ts";

const listenerModule = join(import.meta.dirname, "../../../nix/modules/listener.nix");
const up = ["up", "--yes", "--skip-preview"] as const;

describe.skipIf(noHosts)("a deployment over NATS", () => {
  const { bed, marker, shell, service, command, server, ...site } = useListeners("web01");
  let project: Project;

  /** Wants a system with `text` for its marker; `properties` are further ones of the host. */
  const want = async (text: string, more = "", properties = {}) => {
    const module = `{ lib, pkgs, ... }: {
      networking.hostName = "web01";
      nix.settings.trusted-public-keys = [ "${site.publicKey}" ];
      environment.etc.marker.text = "${text}";
      ${more}
    }`;
    const all = JSON.stringify({ rollback: { confirmTimeout: "20s" }, ...properties });
    const program = fleetProgram.replace(", definition)", `, { ...definition, ...${all} })`);
    const flake = { "flake/flake.nix": flakeText({ web01: module }) };
    await project.write({ ...typeScriptProject(program), ...flake });
  };
  const until = (condition: string) =>
    shell("web01", `for _ in $(seq 1200); do ${condition} && exit; sleep 0.05; done; exit 1`);
  const inPhase = (phase: string) => `grep -qx ${phase} "$(ls -td ${journal}/*/ | sed -n 1p)phase"`;
  const expectCommitted = async (deployed: ReturnType<Project["start"]>, text: string) => {
    const { exitCode, stdout } = await deployed;
    expect(exitCode, String(stdout)).toBe(0);
    expect(await marker("web01")).toBe(text);
    expect(await shell("web01", `cat "$(ls -td ${journal}/*/ | sed -n 1p)outcome"`)).toBe("committed");
  };

  beforeAll(async () => {
    const config = { "homelab:flake": "path:./flake", "homelab:overrideInputs": overrideInputs };
    project = await Project.create({
      files: typeScriptProject(fleetProgram),
      stack: "test",
      config: { ...config, "nixos:signingKey": site.signingKey, ...site.reaching() },
    });
    await want("one");
    await mustRun(project, [...up]);
  });
  afterAll(() => project?.[Symbol.asyncDispose]());

  it("is confirmed when the listener is killed while the host waits for that", async () => {
    const goOn = join(project.directory, "go-on");
    const run = `until [ -e ${goOn} ]; do sleep 0.1; done`;
    const healthChecks = [{ command: { run, on: "controller" }, timeout: "60s" }];
    await want("two", "", { healthChecks });
    const deployed = project.start([...up]);
    await until(inPhase("waiting"));
    await shell("web01", `systemctl kill --signal=KILL ${service}`);
    await project.write({ "go-on": "" });
    await expectCommitted(deployed, "two");
  });

  it("goes on when the server restarts while the host activates", async () => {
    await want(
      "three",
      `systemd.services.slow = { wantedBy = [ "multi-user.target" ];
        serviceConfig = { Type = "oneshot"; RemainAfterExit = true; ExecStart = "/bin/sh -c 'sleep 5'"; }; };`,
    );
    const deployed = project.start([...up]);
    await until("systemctl is-active slow | grep -qx activating");
    await server().stop();
    await sleep(2000);
    await server().start();
    await expectCommitted(deployed, "three");
  });

  it("goes on when the link is cut while the closure is on its way", async () => {
    await want(
      "four",
      `environment.etc.big.source = pkgs.runCommand "big" { } "head -c 64M /dev/urandom >$out";`,
    );
    const deployed = project.start([...up]);
    // Nix restores a file in its place, and reads no further while it is stopped.
    await until('[ -n "$(find /nix/store -maxdepth 1 -name "*-big" -size +256k)" ] && pkill -STOP nix-store');
    await bed().cut("web01");
    await shell("web01", "pkill -CONT nix-store");
    await sleep(12_000);
    expect(await shell("web01", "find /nix/store -maxdepth 1 -name '*-big' -size -60M")).not.toBe("");
    await bed().heal("web01");
    await expectCommitted(deployed, "four");
  });

  it("that changes the listener's unit is told, and the new listener runs afterwards", async () => {
    await project.write({ "flake/listener.nix": await readFile(listenerModule, "utf8") });
    const unit = (changed: string) => `imports = [ ./listener.nix ];
      services.homelab-deploy.listener = {
        enable = true;
        tier = "test";
        natsUrl = "${server().url}";
        nkeyFile = "${command}/nkey";
        flakeUrl = "git+file:///srv/configs";
        environment.CHANGED = "${changed}";
        # A test host has no node but the one that was put there.
        package = pkgs.writeScriptBin "homelab-deploy" ''
          #!/bin/sh
          exec ${command}/node ${command}/homelab-deploy.mjs "$@"
        '';
      };
      systemd.services.${service}.environment.PATH = lib.mkForce "${path}";`;
    const running = () =>
      shell("web01", `tr '\\0' '\\n' </proc/$(systemctl show -P MainPID ${service})/environ`);
    await want("five", unit("no"));
    await mustRun(project, [...up]);
    // In the place of the one that the test has started.
    await shell(
      "web01",
      `systemctl stop ${service}; rm -f /run/systemd/transient/${service}.service; systemctl daemon-reload; systemctl start ${service}`,
    );
    await until(`[ "$(journalctl -u ${service} | grep -c 'listening as')" -ge 2 ]`);
    await want("six", unit("yes"));
    await expectCommitted(project.start([...up]), "six");
    expect(await running()).toContain("CHANGED=no");
    await expect.poll(running, { timeout: 60_000, interval: 1000 }).toContain("CHANGED=yes");
    await want("seven", unit("yes"));
    await expectCommitted(project.start([...up]), "seven");
  });
});

const path = "/run/current-system/sw/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
const journal = "/var/lib/homelab-deploy/deployments";
