import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { FleetSource } from "./fleet.ts";
import { elapsed } from "./measure.ts";
import { pluginCommand, startProcess } from "./process.ts";

/** What the engine has to wait for in a plugin that runs, in milliseconds. */
export type CallTimes = {
  /** Handshake and Configure. */
  readonly configure: number;
  readonly getFleet: number;
  /** Check and Diff of all hosts, one after another. */
  readonly checkAndDiff: number;
};

type Properties = Record<string, JavaScriptValue>;

/** Starts the plugin and calls it as the engine does in a preview of the hosts of `source`. */
export async function timeCalls(source: FleetSource): Promise<CallTimes> {
  await using plugin = await startProcess(pluginCommand);
  const client = new services.ResourceProviderClient(
    `127.0.0.1:${plugin.line}`,
    grpc.credentials.createInsecure(),
  );
  try {
    const configure = await elapsed(async () => {
      await answer((callback) => client.handshake(new messages.ProviderHandshakeRequest(), callback));
      await answer((callback) => client.configure(new messages.ConfigureRequest(), callback));
    });
    let hosts: readonly Properties[] = [];
    const getFleet = await elapsed(async () => {
      hosts = await callGetFleet(client, source);
    });
    const checkAndDiff = await elapsed(async () => {
      for (const host of hosts) await callCheckAndDiff(client, host);
    });
    return { configure, getFleet, checkAndDiff };
  } finally {
    client.close();
  }
}

type Client = InstanceType<typeof services.ResourceProviderClient>;

async function callGetFleet(client: Client, source: FleetSource): Promise<readonly Properties[]> {
  const request = new messages.InvokeRequest();
  request.setTok("nixos:index:getFleet");
  request.setArgs(toStruct({ ...source }));
  const response = await answer<messages.InvokeResponse>((callback) => client.invoke(request, callback));
  const result = response.getReturn()?.toJavaScript() as { hosts?: Record<string, Properties> } | undefined;
  return Object.values(result?.hosts ?? {});
}

async function callCheckAndDiff(client: Client, host: Properties): Promise<void> {
  const urn = `urn:pulumi:prod::homelab::nixos:index:Host::${host.name}`;
  const check = new messages.CheckRequest();
  check.setUrn(urn);
  check.setNews(toStruct(host));
  const checked = await answer<messages.CheckResponse>((callback) => client.check(check, callback));
  const diff = new messages.DiffRequest();
  diff.setUrn(urn);
  diff.setId(String(host.name));
  diff.setNews(checked.getInputs());
  diff.setOldInputs(checked.getInputs());
  diff.setOlds(toStruct({ ...host, system: host.toplevel ?? null, profile: host.toplevel ?? null }));
  await answer((callback) => client.diff(diff, callback));
}

function toStruct(properties: Properties): Struct {
  return structs.Struct.fromJavaScript(properties);
}

function answer<Response>(call: (callback: grpc.requestCallback<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) =>
    call((error, response) => (error === null && response !== undefined ? resolve(response) : reject(error))),
  );
}
