import type { CallOptions, Metadata, ServiceError } from "@grpc/grpc-js";
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";

export const hostUrn = "urn:pulumi:test::demo::nixos:index:Host::web01";
export const providerUrn = "urn:pulumi:test::demo::pulumi:providers:nixos::default";

// The last overload of the generated methods, from which TypeScript infers.
type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => unknown;

/** The provider as an engine calls it; a failed call rejects with gRPC's ServiceError. */
export function connect(port: number) {
  const client = new services.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return {
    client,
    close: () => client.close(),
    call: <Request, Response>(method: Unary<Request, Response>, request: Request): Promise<Response> =>
      new Promise((resolve, reject) =>
        method.call(client, request, new grpc.Metadata(), {}, (error, response) =>
          error === null ? resolve(response) : reject(error),
        ),
      ),
  };
}

export function struct(value: Record<string, unknown>): Struct {
  return structs.Struct.fromJavaScript(value as Record<string, JavaScriptValue>);
}

export function plain(value: Struct | undefined): Record<string, unknown> {
  return value?.toJavaScript() ?? {};
}

/** The error that `call` ends with, if it does. */
export function failureOf(call: Promise<unknown>): Promise<ServiceError | undefined> {
  return call.then(
    () => undefined,
    (error) => error,
  );
}

/** What the error tells of the resource that the operation left behind. */
export function initFailedIn(error: { metadata: Metadata }) {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Buffer)) throw new Error("no details in the error");
  const detail = statusMessages.Status.deserializeBinary(new Uint8Array(bytes)).getDetailsList()[0];
  const failed = detail?.unpack(
    messages.ErrorResourceInitFailed.deserializeBinary,
    "pulumirpc.ErrorResourceInitFailed",
  );
  return {
    id: failed?.getId(),
    properties: plain(failed?.getProperties()),
    reasons: failed?.getReasonsList(),
  };
}
