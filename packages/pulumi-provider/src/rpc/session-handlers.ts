import type { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb.js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import type { ProviderHandshakeRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import type { Sessions } from "./server.ts";

/** Calls about the plugin itself. */
export function sessionHandlers(sessions: Sessions) {
  return {
    handshake: (request: ProviderHandshakeRequest) => {
      sessions.renew().connect(request.getEngineAddress());
      const response = new messages.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(true);
      response.setAcceptOutputs(false);
      return response;
    },
    attach: (request: PluginAttach) => {
      sessions.current.connect(request.getAddress());
      return new empties.Empty();
    },
    getPluginInfo: () => new plugins.PluginInfo().setVersion(sessions.current.service.version),
    getSchema: () => new messages.GetSchemaResponse().setSchema(sessions.current.service.schema),
    // Ends every run, cancelled or not; the calls that it stops answer by themselves.
    cancel: () => {
      sessions.current.cancel();
      return new empties.Empty();
    },
  };
}
