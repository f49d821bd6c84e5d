import grpc from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import type { Log } from "../service.ts";

/** The engine's log: lines arrive in the order in which they were written. */
export interface EngineLog {
  /** Writes lines on the row of `urn`, or on the stack's when there is none. */
  on(urn: string | undefined): Log;
  /** Resolves when every line written so far has arrived, or cannot any more. */
  flush(): Promise<void>;
  close(): void;
}

/** Connects to the engine at `address` (host:port). A log that cannot be written never fails an operation. */
export function createEngineLog(address: string): EngineLog {
  const client = new engineServices.EngineClient(address, grpc.credentials.createInsecure());
  let last: Promise<void> = Promise.resolve();
  return {
    on: (urn) => (kind, message) => {
      const request = toRequest(kind, message, urn);
      last = last.then(() => new Promise((resolve) => client.log(request, () => resolve())));
    },
    flush: () => last,
    close: () => client.close(),
  };
}

function toRequest(kind: Parameters<Log>[0], message: string, urn: string | undefined) {
  const request = new engineMessages.LogRequest();
  const { INFO, WARNING } = engineMessages.LogSeverity;
  request.setSeverity(kind === "warning" ? WARNING : INFO);
  request.setMessage(message);
  request.setEphemeral(kind === "ephemeral");
  if (urn !== undefined) request.setUrn(urn);
  return request;
}
