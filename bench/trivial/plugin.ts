// The least that a provider in TypeScript can be: it accepts every resource as it is, and nothing ever changes.
import grpc from "@grpc/grpc-js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { CheckRequest, CreateRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";

const check = (request: CheckRequest) => new messages.CheckResponse().setInputs(request.getNews());

const handlers = {
  getPluginInfo: () => new plugins.PluginInfo().setVersion("0.1.0"),
  handshake: () => new messages.ProviderHandshakeResponse(),
  checkConfig: check,
  diffConfig: () => new messages.DiffResponse(),
  configure: () => new messages.ConfigureResponse().setSupportspreview(true),
  check,
  diff: () => new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE),
  create: (request: CreateRequest) =>
    new messages.CreateResponse().setId("trivial").setProperties(request.getProperties()),
  cancel: () => new empties.Empty(),
};

const server = new grpc.Server();
const unary = Object.entries(handlers).map(([name, handler]) => [
  name,
  (call: { request: never }, callback: grpc.sendUnaryData<unknown>) => callback(null, handler(call.request)),
]);
server.addService(services.ResourceProviderService, Object.fromEntries(unary));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_error, port) => console.log(port));
