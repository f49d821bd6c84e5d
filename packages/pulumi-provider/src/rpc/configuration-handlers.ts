import type {
  CheckRequest,
  ConfigureRequest,
  DiffRequest,
  InvokeRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { toCheckFailure, toCheckResponse, toDiffResponse } from "./responses.ts";
import type { Sessions } from "./server.ts";
import { fromStruct, toStruct } from "./wire.ts";

/** Calls about the provider's configuration, and its functions. */
export function configurationHandlers(sessions: Sessions) {
  return {
    checkConfig: (request: CheckRequest) =>
      toCheckResponse(sessions.current.service.checkConfig(fromStruct(request.getNews()))),
    diffConfig: (request: DiffRequest) => {
      const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
      return toDiffResponse(sessions.current.service.diffConfig(olds, fromStruct(request.getNews())));
    },
    configure: (request: ConfigureRequest) => {
      sessions.current.service.configure(fromStruct(request.getArgs()));
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setAcceptresources(true);
      response.setAcceptoutputs(false);
      response.setSupportspreview(true);
      return response;
    },
    invoke: (request: InvokeRequest) => {
      const session = sessions.current;
      return session.run({}, async (call) => {
        const { result, failures } = await session.service.invoke(
          request.getTok(),
          fromStruct(request.getArgs()),
          call,
        );
        const response = new messages.InvokeResponse();
        response.setReturn(toStruct(result));
        response.setFailuresList(failures.map(toCheckFailure));
        return response;
      });
    },
  };
}
