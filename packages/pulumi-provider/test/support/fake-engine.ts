import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import grpc from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";

export interface LoggedLine {
  readonly urn: string;
  readonly message: string;
  readonly ephemeral: boolean;
  readonly severity: number;
}

/** The engine's side of the protocol: keeps the lines that the plugin logs. */
export async function startFakeEngine() {
  const lines: LoggedLine[] = [];
  const server = new grpc.Server();
  server.addService(engineServices.EngineService, {
    log: ({ request }: ServerUnaryCall<LogRequest, unknown>, callback: sendUnaryData<unknown>) => {
      lines.push({
        urn: request.getUrn(),
        message: request.getMessage(),
        ephemeral: request.getEphemeral(),
        severity: request.getSeverity(),
      });
      callback(null, new empties.Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { lines, address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
