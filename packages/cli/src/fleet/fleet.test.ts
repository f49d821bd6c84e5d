import type { DeploymentEvent, FleetHost, HostStatus } from "@homelab-deploy/core";
import { MemoryHost, parseStorePath } from "@homelab-deploy/core";
import { describe, expect, it } from "vitest";
import { metricsText } from "./metrics.ts";
import { planHost, toPlan } from "./plan.ts";
import { createProgress } from "./progress.ts";
import { shortName } from "./short-name.ts";
import { report } from "./status.ts";

const { signal } = new AbortController();
const path = (letter: string, name = "web01-25.05") =>
  parseStorePath(`/nix/store/${letter.repeat(32)}-nixos-system-${name}`);
const [old, fresh] = [path("a"), path("b")];
const host: FleetHost = { name: "web01", tier: "prod", toplevel: fresh };

async function statusOf(changes: Partial<HostStatus>): Promise<HostStatus> {
  return { ...(await new MemoryHost("web01", old).inspect({ signal })), ...changes };
}

it.each([
  [path("a", "web01-25.05.2025"), "aaaaaaaa-25.05.2025"],
  [path("a", "web01"), "aaaaaaaa"],
  [path("a", "db01-25.05"), "aaaaaaaa-db01-25.05"],
])("the short name of %s is %s", (toplevel, name) => expect(shortName(toplevel, "web01")).toBe(name));

describe("the report of a host", () => {
  const deployment = { id: "1", by: "alice@desk", goal: "switch", from: old, to: old, revision: "" };

  it("tells who deployed what runs, not who tried something else", async () => {
    const deployments = [
      { ...deployment, id: "3", by: "bob@desk", to: fresh, since: 2_000_000_000, outcome: "rolled-back" },
      {
        ...deployment,
        id: "2",
        by: "eve@desk",
        goal: "boot",
        to: fresh,
        since: 1_500_000_000,
        outcome: "committed",
      },
      { ...deployment, since: 1_000_000_000, outcome: "committed" },
    ];
    expect(report({ host, answer: await statusOf({ deployments }) })).toMatchObject({
      by: "alice@desk",
      since: "2001-09-09T01:46:40Z",
      behind: true,
      lastDeployment: { outcome: "rolled-back", by: "bob@desk" },
    });
  });

  it("takes the time of the generation where nothing was deployed, and does not say who", async () => {
    const found = report({ host: { name: "web01" }, answer: await statusOf({}) });
    expect(found).toMatchObject({ since: "1970-01-01T00:00:00Z", by: undefined, behind: undefined });
  });

  it("tells a deployment that is under way", async () => {
    const deployments = [{ ...deployment, since: 1, phase: "activating" }];
    const { lastDeployment, by } = report({ host, answer: await statusOf({ deployments }) });
    expect([lastDeployment?.outcome, by]).toEqual(["under way (activating)", undefined]);
  });

  it("is behind while a system runs that is not booted", async () => {
    const status = await statusOf({ running: fresh, profile: old, bootDefault: old });
    expect(report({ host, answer: status })).toMatchObject({ behind: true, wanted: fresh, running: fresh });
  });
});

describe("the plan for a host", () => {
  const plan = async (machine: MemoryHost, definition = host) =>
    toPlan({ host: definition, answer: await planHost(machine, definition, signal) });

  it("says whether a reboot is needed where the host has the system", async () => {
    const machine = new MemoryHost("web01", old);
    machine.rebootNeeded = true;
    expect(await plan(machine)).toEqual({
      name: "web01",
      action: "change",
      from: old,
      to: fresh,
      goal: "switch",
      reboot: "needed",
    });
    expect(await plan(machine, { ...host, toplevel: old })).toMatchObject({ action: "none" });
  });

  it("changes nothing", async () => {
    const machine = new MemoryHost("web01", old);
    await plan(machine);
    expect(machine.calls).toEqual(["inspect", "compare"]);
  });
});

describe("progress", () => {
  const phase = (name: "building" | "copying"): DeploymentEvent => ({ type: "phase", phase: name });

  it("is a line for each event without a terminal, and cannot move the cursor", () => {
    const written: string[] = [];
    const progress = createProgress((text) => written.push(text), undefined);
    progress.of("web01")(phase("building"));
    progress.of("dns01")({ type: "output", line: "\x1b[31mred\x1b[0m\x07\tx\r" });
    progress.end("web01", "committed");
    expect(written).toEqual(["web01: building\n", "dns01: red  x\n", "web01: committed\n"]);
  });

  it("is a line for each host on a terminal, below what stays", () => {
    let screen: string[] = [];
    const write = (text: string) => {
      const [moved = "", drawn = ""] = text.split("\x1b[J");
      const up = Number(moved.slice(2, -1));
      screen = [...screen.slice(0, screen.length - up), ...drawn.split("\n").slice(0, -1)];
    };
    const progress = createProgress(write, () => 20);
    progress.of("web01")(phase("building"));
    progress.of("dns01")(phase("building"));
    progress.of("web01")({ type: "warning", message: "look here" });
    progress.of("dns01")({ type: "output", line: "a line that is longer than the terminal" });
    expect(screen).toEqual(["web01: look here", "web01: building", "dns01: a line that "]);
    progress.end("web01", "committed: generation 2");
    expect(screen).toEqual(["web01: look here", "web01: committed: generation 2", "dns01: a line that "]);
  });
});

it("metrics escape labels, and leave out what is not known", () => {
  const text = metricsText([
    { name: "web01", tier: 'a"b\\c\nd', error: { code: "unreachable", message: "off" } },
  ]);
  expect(text).toBe(
    '# HELP homelab_host_up Whether the host answered.\n# TYPE homelab_host_up gauge\nhomelab_host_up{host="web01",tier="a\\"b\\\\c\\nd"} 0\n',
  );
});
