import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import grpc from "@grpc/grpc-js";
import { DeployError } from "@homelab-deploy/core";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { ProviderService } from "../service.ts";
import { configurationHandlers } from "./configuration-handlers.ts";
import { toServiceError } from "./errors.ts";
import { createInFlight } from "./in-flight.ts";
import { resourceHandlers } from "./resource-handlers.ts";
import { createSession, type Session } from "./session.ts";
import { sessionHandlers } from "./session-handlers.ts";

/** The current session of a server; a Handshake starts a new one. */
export interface Sessions {
  readonly current: Session;
  renew(): Session;
}

export interface ProviderServer {
  /** TCP port on the loopback interface. */
  readonly port: number;
  /** Asks the running calls to stop. */
  cancel(): void;
  /** Resolves when no call is open. */
  idle(): Promise<void>;
  /** Ends at once and frees what the sessions hold. */
  close(): void;
}

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

/** Serves the provider protocol on a free loopback port; every engine that shakes hands gets a service of its own. */
export async function serve(createService: () => ProviderService): Promise<ProviderServer> {
  let session = createSession(createService());
  const sessions: Sessions = {
    get current() {
      return session;
    },
    renew: () => {
      session.close();
      session = createSession(createService());
      return session;
    },
  };
  const inFlight = createInFlight();
  const handlers = {
    ...sessionHandlers(sessions),
    ...configurationHandlers(sessions),
    ...resourceHandlers(sessions),
  };
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  const unary = Object.entries(handlers).map(([name, handler]) => [
    name,
    (call: ServerUnaryCall<never, unknown>, callback: sendUnaryData<unknown>) =>
      answer(inFlight.track((async () => (handler as Handler<never, unknown>)(call.request))()), callback),
  ]);
  server.addService(services.ResourceProviderService, Object.fromEntries(unary));
  return {
    port: await listen(server),
    cancel: () => session.cancel(),
    idle: inFlight.idle,
    close: () => {
      session.close();
      server.forceShutdown();
    },
  };
}

function answer(result: Promise<unknown>, callback: sendUnaryData<unknown>): void {
  result.then(
    (response) => callback(null, response),
    (error) => callback(toServiceError(error)),
  );
}

function listen(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(new DeployError("refused", error.message, { cause: error })),
    );
  });
}
