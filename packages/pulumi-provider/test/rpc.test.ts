import grpc from "@grpc/grpc-js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startFakeEngine } from "./support/fake-engine.ts";
import { failureOf, hostUrn, plain, providerUrn, struct } from "./support/provider-client.ts";
import { startProvider, wanted } from "./support/running-provider.ts";

let running: Awaited<ReturnType<typeof startProvider>>;

beforeEach(async () => {
  running = await startProvider();
});

afterEach(() => running.close());

const update = () =>
  new messages.UpdateRequest()
    .setUrn(hostUrn)
    .setId("web01")
    .setNews(struct({ attribute: "web01", goal: "switch", toplevel: wanted }));

function configure(args: Record<string, unknown>) {
  return running.provider.call(
    running.provider.client.configure,
    new messages.ConfigureRequest().setArgs(struct(args)),
  );
}

describe("the plugin", () => {
  it("shakes hands", async () => {
    const response = await running.handshake();
    expect([response.getAcceptSecrets(), response.getAcceptResources(), response.getAcceptOutputs()]).toEqual(
      [true, true, false],
    );
  });

  it("tells its version and its schema", async () => {
    const info = await running.provider.call(running.provider.client.getPluginInfo, new empties.Empty());
    const schema = await running.provider.call(
      running.provider.client.getSchema,
      new messages.GetSchemaRequest(),
    );
    expect([info.getVersion(), schema.getSchema()]).toEqual(["0.1.0", '{"name":"nixos"}']);
  });

  it("leaves what it does not do unimplemented", async () => {
    const error = await failureOf(
      running.provider.call(running.provider.client.parameterize, new messages.ParameterizeRequest()),
    );
    expect(error?.code).toBe(grpc.status.UNIMPLEMENTED);
  });

  it("logs to the engine that attaches", async () => {
    const other = await startFakeEngine();
    await running.provider.call(
      running.provider.client.attach,
      new plugins.PluginAttach().setAddress(other.address),
    );
    await running.provider.call(running.provider.client.update, update());
    expect([running.engine.lines.length, other.lines.length]).toEqual([0, 3]);
    other.close();
  });
});

describe("the provider's configuration", () => {
  it("is checked by property", async () => {
    const request = new messages.CheckRequest().setUrn(providerUrn).setNews(struct({ flake: "--expr" }));
    const [failure] = (
      await running.provider.call(running.provider.client.checkConfig, request)
    ).getFailuresList();
    expect(failure?.getProperty()).toBe("flake");
  });

  it("differs without a replacement", async () => {
    const request = new messages.DiffRequest()
      .setUrn(providerUrn)
      .setOldInputs(struct({ flake: "a" }))
      .setNews(struct({ flake: "b" }));
    const response = await running.provider.call(running.provider.client.diffConfig, request);
    expect(response.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_SOME);
    expect(response.getReplacesList()).toEqual([]);
  });

  it("reaches hosts and asks for a refresh before updates", async () => {
    const response = await configure({ hosts: '{"web01":{"host":"10.0.0.1"}}', refreshBeforeUpdate: "true" });
    expect(response.getSupportspreview()).toBe(true);
    const updated = await running.provider.call(running.provider.client.update, update());
    expect(running.memory.deployments[0]?.connection).toEqual({ ssh: { host: "10.0.0.1" } });
    expect(updated.getRefreshBeforeUpdate()).toBe(true);
  });

  it("is refused when it is wrong", async () => {
    const error = await failureOf(configure({ hosts: "{" }));
    expect(error).toMatchObject({
      code: grpc.status.INVALID_ARGUMENT,
      details: expect.stringContaining("hosts: "),
    });
  });
});

describe("a function", () => {
  it("answers with hosts", async () => {
    const request = new messages.InvokeRequest()
      .setTok("nixos:index:getFleet")
      .setArgs(struct({ flake: "." }));
    const response = await running.provider.call(running.provider.client.invoke, request);
    expect(plain(response.getReturn())).toEqual({
      hosts: { web01: { name: "web01", toplevel: wanted, platform: "x86_64-linux" } },
    });
    expect(running.engine.lines).toEqual([
      { urn: "", message: "evaluating web01", ephemeral: true, severity: 1 },
    ]);
  });

  it("names the argument that is wrong", async () => {
    const request = new messages.InvokeRequest().setTok("nixos:index:evaluate").setArgs(struct({ flake: 1 }));
    const [failure] = (
      await running.provider.call(running.provider.client.invoke, request)
    ).getFailuresList();
    expect(failure?.getProperty()).toBe("flake");
  });
});
