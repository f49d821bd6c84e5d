import { ErrorCode, NatsError } from "nats";
import { DeployError } from "../../errors.ts";

/** What the NATS client threw while `doing`, as a DeployError: `refused`, `timeout`, or `unreachable`. */
export function fromNats(doing: string, error: unknown): unknown {
  if (error instanceof AggregateError) return fromNats(doing, error.errors[0]);
  if (!isNetworkError(error)) return error;
  const { code, message } = error;
  const permission = error instanceof NatsError ? error.permissionContext : undefined;
  if (permission !== undefined) return notPermitted(permission.operation, permission.subject, error);
  if (code === ErrorCode.AuthorizationViolation || code === ErrorCode.AuthenticationExpired) {
    return new DeployError("refused", `${doing}: the server does not know this user: ${message}`, {
      cause: error,
      hint: "The server's configuration has to hold the public key of the user: homelab-deploy nats-config.",
    });
  }
  if (code === ErrorCode.Timeout) return new DeployError("timeout", `${doing}: no answer`, { cause: error });
  return new DeployError("unreachable", `${doing}: ${reasons[code] ?? message}`, { cause: error });
}

/** The server does not let this user do `operation` (publish or subscription) on `subject`. */
export function notPermitted(operation: string, subject: string, cause?: unknown): DeployError {
  const verb = operation === "subscription" ? "subscribe" : "publish";
  return new DeployError("refused", `the NATS server does not let this user ${verb} to ${subject}`, {
    cause,
    hint: "Permissions of users are in the server's configuration: homelab-deploy nats-config.",
  });
}

/** Whether the server's permissions were in the way of a request. */
export function isNotPermitted(error: unknown): error is DeployError {
  const cause = error instanceof DeployError ? error.cause : undefined;
  return cause instanceof NatsError && cause.permissionContext !== undefined;
}

// The client's own errors, and those of Node's sockets and TLS, which it hands on as they are.
function isNetworkError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && typeof (error as { code?: unknown }).code === "string" && !isOurs(error);
}

function isOurs(error: Error): boolean {
  return error instanceof DeployError;
}

const reasons: Record<string, string> = {
  [ErrorCode.ConnectionRefused]: "no server listens there",
  [ErrorCode.ConnectionTimeout]: "no server answers there",
  [ErrorCode.ConnectionClosed]: "the connection to the server is closed",
  [ErrorCode.Disconnect]: "the connection to the server was lost",
  [ErrorCode.NoResponders]: "nobody listens",
  [ErrorCode.ServerOptionNotAvailable]: "the server does not offer TLS",
};
