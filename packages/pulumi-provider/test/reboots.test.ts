import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type HostInfo, noHosts, type Preview, Project } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { flakeText, fleetProgram, overrideInputs, reaching, typeScriptProject } from "./support/homelab.ts";
import { changes, mustRun, states } from "./support/stack.ts";
import { useHosts } from "./support/use-hosts.ts";

const names = ["web01", "dns01", "nas01"] as const;
const program = fleetProgram.replace(
  "definition.name, definition)",
  `definition.name, { ...definition, reboot: "when-needed" })`,
);
const allWith = (module: string) => flakeText(Object.fromEntries(names.map((name) => [name, module])));
const kernel = (version: string) =>
  `({ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_${version}; })`;

describe.skipIf(noHosts)("reboots", () => {
  const { bed, hosts } = useHosts(...names);
  const bootIds = () =>
    Promise.all(
      names.map(async (name) => (await bed().exec(name, ["cat", "/proc/sys/kernel/random/boot_id"])).stdout),
    );
  const kernels = () =>
    Promise.all(
      names.map(async (name) => (await bed().exec(name, ["cat", "/run/booted-system/kernel"])).stdout),
    );

  it("of three hosts that change their kernel in one update happen one at a time, each once", async () => {
    await using project = await Project.create({
      files: { ...typeScriptProject(program), "flake/flake.nix": allWith(kernel("6_12")) },
      stack: "test",
      config: {
        "homelab:flake": "path:./flake",
        "homelab:overrideInputs": overrideInputs,
        ...reaching(hosts()),
      },
    });
    await mustRun(project, ["up", "--yes", "--skip-preview"]);
    const before = await bootIds();
    await project.write({ "flake/flake.nix": allWith(kernel("6_15")) });

    const watch = watchAbsences(hosts());
    await mustRun(project, ["up", "--yes", "--skip-preview"]);
    const { most, absences } = await watch.stop();

    expect(most, JSON.stringify(absences)).toBe(1);
    const after = await bootIds();
    for (const [index, id] of after.entries()) expect(id).not.toBe(before[index]);
    expect(absences).toEqual({ web01: 1, dns01: 1, nas01: 1 });
    expect(await kernels()).toEqual(names.map(() => expect.stringContaining("kernel 6.15")));
    expect(Object.values(await states(project))).toEqual(
      names.map(() => ({
        inputs: expect.anything(),
        outputs: expect.objectContaining({ rebootRequired: false, outcome: "committed" }),
      })),
    );
    const again = await project.run(["preview", "--json"]);
    expect(changes(JSON.parse(again.stdout) as Preview)).toEqual([]);
  });
});

/** Looks ten times a second which hosts are away; `most` of them at a time, and how often each was away. */
function watchAbsences(hosts: readonly HostInfo[]) {
  const away = new Set<string>();
  const absences: Record<string, number> = Object.fromEntries(hosts.map(({ name }) => [name, 0]));
  let most = 0;
  let over = false;
  const watch = async () => {
    while (!over) {
      const answers = await Promise.all(hosts.map(async (host) => [host.name, await isThere(host)] as const));
      for (const [name, answered] of answers) {
        if (answered) away.delete(name);
        else if (!away.has(name)) {
          away.add(name);
          absences[name] = (absences[name] ?? 0) + 1;
        }
      }
      most = Math.max(most, away.size);
      await sleep(100);
    }
  };
  const watching = watch();
  return {
    async stop() {
      over = true;
      await watching;
      return { most, absences };
    },
  };
}

// A port that nobody listens on: the host itself says so as long as it is there, and no sshd counts the attempts.
function isThere({ address }: HostInfo): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 9, timeout: 1000 });
    socket.once("timeout", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}
