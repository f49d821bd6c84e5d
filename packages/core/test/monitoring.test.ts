import { join } from "node:path";
import { noHosts } from "@homelab-deploy/testbed";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { rollBack } from "../src/index.ts";
import { useHost } from "./support/use-host.ts";

const file = join(import.meta.dirname, "host-modules/monitoring.nix");
const { signal } = new AbortController();

describe.skipIf(noHosts)("homelab.monitoring", () => {
  const { host, connection, deployed, inspect, restart, shell } = useHost("web01", { file });

  const served = async () => (await fetch(`http://${host().address}:9100/metrics`)).text();

  /** What the exporter serves of the module's metrics by name, with their labels but for the host's. */
  async function metrics(): Promise<Record<string, number>> {
    const lines = (await served().catch(() => "")).matchAll(/^nixos_(\w+)\{host="web01",?(.*)\} (\S+)$/gm);
    return Object.fromEntries(
      [...lines].map(([, name, labels, value]) => [`${name}${labels && `{${labels}}`}`, Number(value)]),
    );
  }
  const expectMetrics = (values: Record<string, unknown>) =>
    expect.poll(metrics, { timeout: 20_000, interval: 100 }).toMatchObject(values);
  const settled = { test_active: 0, reboot_pending: 0, behind_wanted: 0, deployment_in_progress: 0 };
  const generations = (current: number, boot: number) => ({
    current_generation: current,
    boot_generation: boot,
  });

  it("is right after a switch", async () => {
    expect((await deployed("one")).outcome).toBe("committed");
    await expectMetrics({
      ...generations(2, 2),
      ...settled,
      'last_deployment_outcome{outcome="committed"}': 1,
      'last_deployment_outcome{outcome="rolled-back"}': 0,
      'deployments{outcome="committed"}': 1,
      'deployments{outcome="activated"}': 0,
    });
    const now = Date.now() / 1000;
    const { config_age_seconds: age = -1, last_deployment_timestamp_seconds: ended = 0 } = await metrics();
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(120);
    expect(Math.abs(now - ended)).toBeLessThan(120);
    const { nixosVersion } = await inspect();
    expect(await metrics()).toMatchObject({ [`system_info{version="${nixosVersion}"}`]: 1 });
  });

  it("is what Prometheus takes, without a complaint", async () => {
    const ours = (await served()).split("\n").filter((line) => /^(# \w+ )?nixos_/.test(line));
    const { all } = await execa("promtool", ["check", "metrics"], {
      input: `${ours.join("\n")}\n`,
      all: true,
    });
    expect(all).toBe("");
    expect(await served()).toContain('node_textfile_mtime_seconds{file="/run/homelab-metrics/nixos.prom"}');
  });

  it("leaves nothing in the host's journal", async () =>
    expect(await shell("journalctl --quiet --boot --output=cat --unit='homelab-metrics*.service'")).toBe(""));

  it("is right in a test, and after the reboot that ends it", async () => {
    expect((await deployed("two", { goal: "test" })).outcome).toBe("activated");
    await expectMetrics({
      ...generations(0, 2),
      ...settled,
      test_active: 1,
      'last_deployment_outcome{outcome="activated"}': 1,
    });
    await restart();
    await expectMetrics({ ...generations(2, 2), ...settled });
  });

  it("is right with a system that waits for a reboot, and after it", async () => {
    expect((await deployed("two", { goal: "boot" })).outcome).toBe("committed");
    await expectMetrics({ ...generations(2, 3), ...settled, reboot_pending: 1 });
    await restart();
    await expectMetrics({ ...generations(3, 3), ...settled });
  });

  it("is right during a deployment, and after its rollback", async () => {
    const failing = deployed("failing");
    await expectMetrics({ deployment_in_progress: 1, 'last_deployment_outcome{outcome="committed"}': 1 });
    expect((await failing).error?.code).toBe("rolled-back");
    await expectMetrics({
      ...generations(3, 3),
      ...settled,
      behind_wanted: 1,
      'last_deployment_outcome{outcome="rolled-back"}': 1,
      'deployments{outcome="rolled-back"}': 1,
    });
  });

  it("is right after the way back to an earlier generation", async () => {
    const request = { name: "web01", connection: connection(), rollback: {}, generation: 2 };
    expect((await rollBack(request, { signal, onEvent: () => {} })).outcome).toBe("committed");
    await expectMetrics({ ...generations(2, 2), ...settled, 'deployments{outcome="rolled-back"}': 1 });
  });

  it("is right with a system for the next boot of a host that runs none of its boots", async () => {
    expect((await deployed("two", { goal: "boot" })).outcome).toBe("committed");
    await expectMetrics({ ...generations(2, 3), ...settled, reboot_pending: 1 });
  });

  it("is right after a switch by hand", async () => {
    const profile = "/nix/var/nix/profiles/system";
    await shell(`nix-env -p ${profile} --switch-generation 2; ${profile}/bin/switch-to-configuration switch`);
    await expectMetrics({ ...generations(2, 2), ...settled, behind_wanted: 1 });
  });

  it("knows a switch to another kernel for one that is not whole without a reboot", async () => {
    expect((await deployed("other-kernel")).outcome).toBe("committed");
    await expectMetrics({ ...generations(4, 4), ...settled, reboot_pending: 1 });
    await restart();
    await expectMetrics({ ...generations(4, 4), ...settled });
  });

  it("knows a deployment that a power loss cut short, and how it is settled", async () => {
    const cut = deployed("two");
    await expectMetrics({ deployment_in_progress: 1 });
    await restart();
    await expectMetrics({
      ...generations(4, 4),
      ...settled,
      behind_wanted: 1,
      'last_deployment_outcome{outcome="unfinished"}': 1,
    });
    await cut;
    await inspect();
    await shell("systemctl start homelab-metrics");
    await expectMetrics({ 'last_deployment_outcome{outcome="rolled-back"}': 1 });
  });
});
