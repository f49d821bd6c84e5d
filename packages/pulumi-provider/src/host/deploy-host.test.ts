import { DeployError, type ErrorCode } from "@homelab-deploy/core";
import { describe, expect, it } from "vitest";
import { createCall, createMemoryHosts, status, toplevel } from "../../test/support/memory-hosts.ts";
import { ResourceInitFailed } from "../service.ts";
import { unknown } from "../values.ts";
import { createHost } from "./create.ts";
import type { Deployer } from "./deployer.ts";
import { updateHost } from "./update.ts";

const before = toplevel(1);
const wanted = toplevel(2);
const address = { stack: "test", project: "demo", name: "web01" };
const oldInputs = { attribute: "web01", goal: "switch", toplevel: before };
const oldOutputs = {
  ...oldInputs,
  system: before,
  profile: before,
  bootDefault: before,
  bootedSystem: before,
  generation: 7,
};
const inputs = { ...oldInputs, toplevel: wanted };

function update(
  deployer: Deployer,
  request: Partial<Parameters<typeof updateHost>[0]> = {},
  call = createCall(),
) {
  const context = { deployer, config: {}, identityFile: () => undefined };
  return updateHost(
    { address, id: "web01", oldInputs, oldOutputs, inputs, preview: false, ...request },
    context,
    call,
  );
}

function failing(code: ErrorCode, after: ReturnType<typeof status> | undefined): Deployer {
  const { deployer } = createMemoryHosts(after === undefined ? {} : { web01: after });
  return { ...deployer, deploy: () => Promise.reject(new DeployError(code, `it ${code}`, { hint: "look" })) };
}

describe("update of a host", () => {
  it("keeps what a host that is off was last seen to have, with the inputs that it is to get", async () => {
    const deployer: Deployer = {
      ...createMemoryHosts({}).deployer,
      deploy: async () => ({ outcome: "pending" }),
    };
    expect(await update(deployer)).toEqual({ ...oldOutputs, toplevel: wanted, outcome: "pending" });
    const context = { deployer, config: {}, identityFile: () => undefined };
    const created = await createHost({ address, inputs, preview: false }, context, createCall());
    expect(created).toEqual({ id: "web01", outputs: { ...inputs, outcome: "pending" } });
  });

  it("deploys and returns what the host is like", async () => {
    const { deployer, deployments } = createMemoryHosts({ web01: status({ running: before }) });
    const call = createCall();
    expect(await update(deployer, {}, call)).toMatchObject({
      system: wanted,
      generation: 8,
      outcome: "committed",
      toplevel: wanted,
    });
    expect(deployments).toEqual([
      {
        name: "web01",
        connection: { ssh: { host: "web01" } },
        toplevel: wanted,
        goal: "switch",
        rollback: {},
        stack: "demo.test",
        gcRoot: "demo.test/web01",
      },
    ]);
    expect(call.lines).toEqual([
      "ephemeral: connecting",
      "info: restarted nginx.service on web01",
      "ephemeral: generation 8",
    ]);
  });

  it("hands on what must hold, what runs around it, and whether the host may reboot", async () => {
    const { deployer, deployments } = createMemoryHosts({ web01: status({ running: before }) });
    const given = {
      healthChecks: [{ http: { url: "https://web01.lan/", status: [200, 204] } }, { tcp: { port: 443 } }],
      hooks: { beforeCopy: "true", onFailure: ["mail", "me"], timeout: "1m" },
      rollback: { unhealthy: "warn", rescue: "reboot" },
      reboot: "when-needed",
      rebootAt: "Sun 02:00-04:00",
      rebootTimeout: "5m",
      cache: { to: "s3://closures?region=eu-west-1" },
    };
    await update(deployer, { inputs: { ...inputs, ...given } });
    expect(deployments).toMatchObject([given]);
  });

  it("in a preview touches nothing and expects the wanted system", async () => {
    const { deployer, deployments } = createMemoryHosts();
    expect(await update(deployer, { preview: true })).toEqual({
      ...inputs,
      system: wanted,
      profile: wanted,
      bootDefault: wanted,
      bootedSystem: before,
      generation: unknown,
      rebootRequired: unknown,
      nixosVersion: unknown,
      outcome: unknown,
    });
    expect(deployments).toEqual([]);
  });

  it("in a preview expects a host for goal boot to go on running what it runs", async () =>
    expect(
      await update(createMemoryHosts().deployer, { preview: true, inputs: { ...inputs, goal: "boot" } }),
    ).toMatchObject({
      system: before,
      profile: wanted,
    }));

  it("in a preview warns of an evaluation error, and in earnest fails with it", async () => {
    const broken = { attribute: "web01", evaluationError: "undefined variable 'x' (at hosts/web01.nix:3:7)" };
    const { deployer, deployments } = createMemoryHosts({ web01: status() });
    const call = createCall();
    await update(deployer, { inputs: broken, preview: true }, call);
    expect(call.lines).toEqual([
      "warning: web01 does not evaluate, so that an update leaves it as it is: undefined variable 'x' (at hosts/web01.nix:3:7)",
    ]);
    await expect(update(deployer, { inputs: broken })).rejects.toMatchObject({
      code: "evaluation-failed",
      message: "web01 does not evaluate: undefined variable 'x' (at hosts/web01.nix:3:7)",
    });
    expect(deployments).toEqual([]);
  });

  it.each<[ErrorCode, string, ReturnType<typeof status> | undefined]>([
    ["rolled-back", "what ran before, as the guard says", status({ running: wanted })],
    ["build-failed", "what ran before", status({ running: before })],
    ["outcome-unknown", "nothing that answers", undefined],
    ["outcome-unknown", "what ran before", status({ running: before })],
    ["timeout", "what ran before", status({ running: before })],
    ["cancelled", "what ran before", status({ running: before })],
  ])("keeps the state after %s when there is %s", async (code, _title, after) => {
    const error = await update(failing(code, after)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DeployError);
    expect(error).toMatchObject({ code });
  });

  it.each<[ErrorCode, string, ReturnType<typeof status>]>([
    ["rollback-failed", "the new system", status({ running: wanted })],
    ["outcome-unknown", "the new system", status({ running: wanted, profile: before })],
    ["outcome-unknown", "something else altogether", status({ running: toplevel(3) })],
    ["timeout", "another profile", status({ running: before, profile: wanted })],
  ])("stores what the host has become after %s when there is %s", async (code, _title, after) => {
    const error = await update(failing(code, after)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ResourceInitFailed);
    expect(error).toMatchObject({
      message: `it ${code}\nHint: look`,
      state: { id: "web01", outputs: { system: after.running, profile: after.profile } },
    });
  });
});

describe("creation of a host", () => {
  it("adopts a host that already runs the wanted system", async () => {
    const { deployer } = createMemoryHosts({ web01: status({ running: wanted }) });
    const context = { deployer, config: {}, identityFile: () => undefined };
    const created = await createHost({ address, inputs, preview: false }, context, createCall());
    expect(created).toMatchObject({ id: "web01", outputs: { outcome: "unchanged", generation: 7 } });
  });

  it("stores a host that runs the wanted system although nobody knows how the deployment ended", async () => {
    const deployer = failing("outcome-unknown", status({ running: wanted, profile: before }));
    const context = { deployer, config: {}, identityFile: () => undefined };
    const creation = createHost({ address, inputs, preview: false }, context, createCall());
    await expect(creation).rejects.toMatchObject({
      state: { id: "web01", outputs: { system: wanted, profile: before } },
    });
  });

  it("is known by its attribute, whatever the resource is called", async () => {
    const { deployer } = createMemoryHosts({ db01: status() });
    const context = { deployer, config: {}, identityFile: () => undefined };
    const created = await createHost(
      { address, inputs: { ...inputs, attribute: "db01" }, preview: false },
      context,
      createCall(),
    );
    expect(created.id).toBe("db01");
  });
});
