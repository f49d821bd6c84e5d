import { describe, expect, it } from "vitest";
import { DeployError } from "../errors.ts";
import { MemoryHost } from "../host/memory-host.ts";
import type { Goal } from "../model/goal.ts";
import { parseStorePath } from "../model/store-path.ts";
import type { Builder } from "./builder.ts";
import { deployTo } from "./deploy.ts";
import type { DeploymentEvent } from "./events.ts";

const old = parseStorePath("/nix/store/kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-nixos-system-old");
const wanted = parseStorePath("/nix/store/7c2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-nixos-system-new");

function setUp(goal: Goal = "switch") {
  const host = new MemoryHost("web01", old);
  const controller = new AbortController();
  const events: DeploymentEvent[] = [];
  const built: string[] = [];
  const builder: Builder = {
    async build({ toplevel }) {
      built.push(toplevel);
    },
  };
  const deploy = () =>
    deployTo(
      host,
      { toplevel: wanted, derivation: `${wanted}.drv`, goal, rollback: { confirmTimeout: "2s" } },
      { builder, signal: controller.signal, onEvent: (event) => events.push(event) },
    );
  return { host, controller, events, built, deploy };
}

describe("deploy", () => {
  it("switches, and tells the new generation", async () => {
    const { host, deploy } = setUp();
    const { outcome, status } = await deploy();
    expect([outcome, status.running, status.profile, status.generation]).toEqual([
      "committed",
      wanted,
      wanted,
      2,
    ]);
    expect(host.calls).toContain("confirm");
  });

  it("does not build, copy or activate what the host already runs", async () => {
    const { host, built, deploy } = setUp();
    host.running = wanted;
    host.profile = wanted;
    expect((await deploy()).outcome).toBe("unchanged");
    expect([built, host.calls]).toEqual([[], ["inspect"]]);
  });

  it("commits a system that so far only runs on trial", async () => {
    const { host, deploy } = setUp();
    host.running = wanted;
    await deploy();
    expect(host.profile).toBe(wanted);
  });

  it.each([
    ["test", wanted, old, "activated"],
    ["boot", old, wanted, "committed"],
    ["dry-activate", old, old, "dry-activated"],
  ] as const)("with goal %s the host runs %s and boots %s", async (goal, running, profile, expected) => {
    const { host, deploy } = setUp(goal);
    expect((await deploy()).outcome).toBe(expected);
    expect([host.running, host.profile]).toEqual([running, profile]);
  });

  it("reports a rollback with its reason", async () => {
    const { host, deploy } = setUp();
    host.failure = () => "newly failing: nginx.service";
    await expect(deploy()).rejects.toMatchObject({
      code: "rolled-back",
      message: "web01 was rolled back: newly failing: nginx.service",
    });
    expect(host.running).toBe(old);
  });

  it.each([
    ["begin", 4],
    ["follow", 1],
    ["confirm", 1],
  ])("goes on after a connection lost at %s", async (method, times) => {
    const { host, deploy } = setUp();
    let faults = times;
    host.fault = (called) => {
      if (called === method && faults-- > 0) throw new DeployError("unreachable", "lost");
    };
    expect((await deploy()).outcome).toBe("committed");
  });

  it("does not fail for a connection that is lost after the commit", async () => {
    const { host, deploy } = setUp();
    let faults = 1;
    host.fault = (called) => {
      if (called === "inspect" && host.running === wanted && faults-- > 0) {
        throw new DeployError("unreachable", "lost");
      }
    };
    expect((await deploy()).outcome).toBe("committed");
  });

  it("calls the deployment off when it is aborted while the host waits", async () => {
    const { host, controller, deploy } = setUp();
    host.fault = (called) => {
      if (called === "confirm") controller.abort(new DeployError("cancelled", "stopped by the user"));
      if (called === "confirm") throw new DeployError("unreachable", "lost");
    };
    await expect(deploy()).rejects.toMatchObject({ code: "cancelled" });
    expect(host.calls).toContain("abort");
    expect(host.running).toBe(old);
  });

  it("promises no way back when it is aborted after the confirmation", async () => {
    const { host, controller, deploy } = setUp();
    host.fault = (called) => {
      if (called !== "follow" || !host.calls.includes("confirm")) return;
      controller.abort(new DeployError("cancelled", "stopped by the user"));
      throw new DeployError("unreachable", "lost");
    };
    await expect(deploy()).rejects.toMatchObject({ code: "outcome-unknown" });
    expect(host.running).toBe(wanted);
  });
});
