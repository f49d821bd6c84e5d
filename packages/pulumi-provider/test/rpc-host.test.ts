import grpc from "@grpc/grpc-js";
import { DeployError } from "@homelab-deploy/core";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { status } from "./support/memory-hosts.ts";
import { failureOf, hostUrn, initFailedIn, plain, struct } from "./support/provider-client.ts";
import { before, startProvider, wanted } from "./support/running-provider.ts";

const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const inputs = { attribute: "web01", goal: "switch", toplevel: before };
const outputs = { ...inputs, system: before, profile: before, bootDefault: before };

let running: Awaited<ReturnType<typeof startProvider>>;

beforeEach(async () => {
  running = await startProvider();
});

afterEach(() => running.close());

function updateRequest(news: Record<string, unknown> = { ...inputs, toplevel: wanted }) {
  return new messages.UpdateRequest()
    .setUrn(hostUrn)
    .setId("web01")
    .setOldInputs(struct(inputs))
    .setOlds(struct(outputs))
    .setNews(struct(news));
}

describe("a host", () => {
  it("is checked", async () => {
    const request = new messages.CheckRequest()
      .setUrn(hostUrn)
      .setNews(struct({ toplevel: unknownText, tier: null }));
    const response = await running.provider.call(running.provider.client.check, request);
    expect(response.getFailuresList()).toEqual([]);
    expect(plain(response.getInputs())).toEqual({
      attribute: "web01",
      goal: "switch",
      toplevel: unknownText,
    });
  });

  it("has a detailed diff", async () => {
    const request = new messages.DiffRequest()
      .setUrn(hostUrn)
      .setId("web01")
      .setOldInputs(struct(inputs))
      .setOlds(struct(outputs))
      .setNews(struct({ ...inputs, toplevel: wanted, tier: "prod" }));
    const response = await running.provider.call(running.provider.client.diff, request);
    expect(response.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_SOME);
    expect(response.getDiffsList()).toEqual(["toplevel"]);
    expect(response.getHasdetaileddiff()).toBe(true);
    expect(response.getDetaileddiffMap().get("toplevel")?.toObject()).toEqual({ kind: 4, inputdiff: true });
  });

  it("is replaced when its attribute changes, and not touched when nothing does", async () => {
    const request = new messages.DiffRequest()
      .setUrn(hostUrn)
      .setId("web01")
      .setOldInputs(struct(inputs))
      .setOlds(struct(outputs));
    const other = await running.provider.call(
      running.provider.client.diff,
      request.setNews(struct({ ...inputs, attribute: "web02" })),
    );
    expect(other.getReplacesList()).toEqual(["attribute"]);
    const same = await running.provider.call(running.provider.client.diff, request.setNews(struct(inputs)));
    expect(same.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_NONE);
  });

  it("is created in a preview with what is known", async () => {
    const request = new messages.CreateRequest()
      .setUrn(hostUrn)
      .setProperties(struct({ ...inputs, toplevel: wanted }))
      .setPreview(true);
    const response = await running.provider.call(running.provider.client.create, request);
    expect(response.getId()).toBe("");
    expect(plain(response.getProperties())).toMatchObject({ system: wanted, generation: unknownText });
    expect(running.memory.deployments).toEqual([]);
  });

  it("is created, keeping secrets", async () => {
    const secret = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: { ssh: { user: "u" } },
    };
    const request = new messages.CreateRequest()
      .setUrn(hostUrn)
      .setProperties(struct({ ...inputs, toplevel: wanted, connection: secret }));
    const response = await running.provider.call(running.provider.client.create, request);
    expect(response.getId()).toBe("web01");
    expect(plain(response.getProperties())).toMatchObject({
      system: wanted,
      generation: 8,
      outcome: "committed",
      connection: secret,
    });
    expect(running.memory.deployments[0]?.connection).toEqual({ ssh: { host: "web01", user: "u" } });
  });

  it("tells on its own row how it goes, in order", async () => {
    await running.provider.call(running.provider.client.update, updateRequest());
    expect(running.engine.lines).toEqual([
      { urn: hostUrn, message: "connecting", ephemeral: true, severity: 1 },
      { urn: hostUrn, message: "restarted nginx.service on web01", ephemeral: false, severity: 1 },
      { urn: hostUrn, message: "generation 8", ephemeral: true, severity: 1 },
    ]);
  });

  it("is read", async () => {
    running.hosts.web01 = status({ running: wanted });
    const request = new messages.ReadRequest()
      .setUrn(hostUrn)
      .setId("web01")
      .setInputs(struct(inputs))
      .setProperties(struct(outputs));
    const response = await running.provider.call(running.provider.client.read, request);
    expect(plain(response.getInputs())).toEqual({ ...inputs, toplevel: wanted });
    expect(plain(response.getProperties())).toMatchObject({ system: wanted });
  });

  it("is imported by its id alone", async () => {
    const response = await running.provider.call(
      running.provider.client.read,
      new messages.ReadRequest().setUrn(hostUrn).setId("web01"),
    );
    expect(response.getId()).toBe("web01");
    expect(plain(response.getInputs())).toEqual(inputs);
  });

  it("is forgotten when it is deleted", async () => {
    await running.provider.call(
      running.provider.client.delete,
      new messages.DeleteRequest().setUrn(hostUrn).setId("web01"),
    );
    expect(running.engine.lines.map(({ message }) => message)).toEqual([
      "web01 is no longer managed by this stack; it keeps running as it is",
    ]);
  });

  it("of another type does not exist", async () => {
    const request = updateRequest().setUrn("urn:pulumi:test::demo::nixos:index:Cluster::x");
    expect(await failureOf(running.provider.call(running.provider.client.update, request))).toMatchObject({
      code: grpc.status.INVALID_ARGUMENT,
      details: expect.stringContaining('no resource "nixos:index:Cluster"'),
    });
  });
});

describe("a failed update", () => {
  it.each([
    ["unreachable", grpc.status.UNAVAILABLE],
    ["build-failed", grpc.status.FAILED_PRECONDITION],
    ["locked", grpc.status.ABORTED],
    ["rolled-back", grpc.status.ABORTED],
  ] as const)("for %s is an error that names it, with its hint", async (code, expected) => {
    running.memory.deployer.deploy = () =>
      Promise.reject(new DeployError(code, "reason", { hint: "advice" }));
    expect(
      await failureOf(running.provider.call(running.provider.client.update, updateRequest())),
    ).toMatchObject({
      code: expected,
      details: "reason\nHint: advice",
    });
  });

  it("tells what the host has become when it changed", async () => {
    running.memory.deployer.deploy = () => {
      running.hosts.web01 = status({ running: wanted });
      return Promise.reject(new DeployError("rollback-failed", "unit x failed"));
    };
    const error = await failureOf(running.provider.call(running.provider.client.update, updateRequest()));
    if (error === undefined) throw new Error("the update did not fail");
    expect(initFailedIn(error)).toMatchObject({
      id: "web01",
      reasons: ["unit x failed"],
      properties: { system: wanted },
    });
  });

  it("for a fault of the provider says so", async () => {
    running.memory.deployer.deploy = () => Promise.reject(new TypeError("x is not a function"));
    expect(
      await failureOf(running.provider.call(running.provider.client.update, updateRequest())),
    ).toMatchObject({
      code: grpc.status.INTERNAL,
      details: expect.stringContaining("fault in the provider: TypeError: x is not a function"),
    });
  });
});

describe("a deployment that takes long", () => {
  beforeEach(() => {
    running.memory.deployer.deploy = (_request, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });

  it("ends when the engine cancels, which is answered at once", async () => {
    const update = failureOf(running.provider.call(running.provider.client.update, updateRequest()));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await running.cancel();
    expect(await update).toMatchObject({ code: grpc.status.CANCELLED, details: "cancelled" });
    await running.server.idle();
  });

  it("ends after the resource's customTimeouts", async () => {
    expect(
      await failureOf(
        running.provider.call(running.provider.client.update, updateRequest().setTimeout(0.05)),
      ),
    ).toMatchObject({
      code: grpc.status.DEADLINE_EXCEEDED,
      details: "not done after 0.05 s, the resource's customTimeouts",
    });
  });

  it("is not ended by the Cancel of an earlier engine", async () => {
    await running.cancel();
    await running.handshake();
    const update = failureOf(
      running.provider.call(running.provider.client.update, updateRequest().setTimeout(0.1)),
    );
    expect(await update).toMatchObject({ code: grpc.status.DEADLINE_EXCEEDED });
  });
});
