import type { Metadata, ServiceError } from "@grpc/grpc-js";
import grpc from "@grpc/grpc-js";
import { DeployError, type ErrorCode, explain } from "@homelab-deploy/core";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import anyMessages from "google-protobuf/google/protobuf/any_pb.js";
import { ResourceInitFailed } from "../service.ts";
import { toStruct } from "./wire.ts";

const { status } = grpc;

// UNKNOWN, INTERNAL and DATA_LOSS make the engine call its run corrupt, so no fault of a user, a host or a
// network maps to them; UNIMPLEMENTED would make it believe that the operation does not exist.
const statusOf: Record<ErrorCode, grpc.status> = {
  "invalid-input": status.INVALID_ARGUMENT,
  "tool-missing": status.FAILED_PRECONDITION,
  "evaluation-failed": status.FAILED_PRECONDITION,
  "build-failed": status.FAILED_PRECONDITION,
  unreachable: status.UNAVAILABLE,
  "host-key": status.PERMISSION_DENIED,
  "no-space": status.RESOURCE_EXHAUSTED,
  "copy-failed": status.ABORTED,
  refused: status.FAILED_PRECONDITION,
  locked: status.ABORTED,
  "rolled-back": status.ABORTED,
  "rollback-failed": status.ABORTED,
  superseded: status.ABORTED,
  "outcome-unknown": status.UNAVAILABLE,
  "hook-failed": status.FAILED_PRECONDITION,
  timeout: status.DEADLINE_EXCEEDED,
  cancelled: status.CANCELLED,
  "bad-answer": status.FAILED_PRECONDITION,
};

/** `error` as gRPC sends it: its text for people, a code for the engine, and what the resource has become. */
export function toServiceError(error: unknown): Partial<ServiceError> {
  if (error instanceof ResourceInitFailed) return initFailed(error);
  if (error instanceof DeployError) return { code: statusOf[error.code], details: explain(error) };
  if (isSystemError(error)) return { code: status.FAILED_PRECONDITION, details: error.message };
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: status.INTERNAL, details: `fault in the provider: ${details}` };
}

/** The engine recognises this error by its detail, whatever the code. */
function initFailed(error: ResourceInitFailed): Partial<ServiceError> {
  const detail = new providerMessages.ErrorResourceInitFailed();
  detail.setId(error.state.id);
  detail.setProperties(toStruct(error.state.outputs));
  detail.setReasonsList([error.message]);
  const packed = new anyMessages.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const message = new statusMessages.Status();
  message.setCode(status.UNKNOWN);
  message.setMessage(error.message);
  message.addDetails(packed);
  return { code: status.UNKNOWN, details: error.message, metadata: withDetails(message.serializeBinary()) };
}

function withDetails(bytes: Uint8Array): Metadata {
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(bytes));
  return metadata;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
