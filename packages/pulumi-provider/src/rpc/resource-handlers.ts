import type {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { toCheckResponse, toDiffResponse } from "./responses.ts";
import type { Sessions } from "./server.ts";
import { parseUrn } from "./urn.ts";
import { fromStruct, toStruct } from "./wire.ts";

/** The life of a resource: check and diff, then create, read, update, delete. */
export function resourceHandlers(sessions: Sessions) {
  return {
    check: (request: CheckRequest) => {
      const session = sessions.current;
      const address = parseUrn(request.getUrn());
      return session.run({ urn: request.getUrn() }, async (call) =>
        toCheckResponse(await session.service.check({ address, news: fromStruct(request.getNews()) }, call)),
      );
    },
    diff: (request: DiffRequest) => {
      parseUrn(request.getUrn());
      return toDiffResponse(
        sessions.current.service.diff({
          id: request.getId(),
          oldInputs: fromStruct(request.getOldInputs()),
          oldOutputs: fromStruct(request.getOlds()),
          news: fromStruct(request.getNews()),
        }),
      );
    },
    create: (request: CreateRequest) => {
      const session = sessions.current;
      const address = parseUrn(request.getUrn());
      const inputs = fromStruct(request.getProperties());
      return session.run(operation(request), async (call) => {
        const state = await session.service.create({ address, inputs, preview: request.getPreview() }, call);
        const response = new messages.CreateResponse();
        response.setId(state.id);
        response.setProperties(toStruct(state.outputs));
        response.setRefreshBeforeUpdate(session.service.refreshBeforeUpdate);
        return response;
      });
    },
    read: (request: ReadRequest) => {
      const session = sessions.current;
      const read = {
        address: parseUrn(request.getUrn()),
        id: request.getId(),
        inputs: request.hasInputs() ? fromStruct(request.getInputs()) : undefined,
        outputs: request.hasProperties() ? fromStruct(request.getProperties()) : undefined,
      };
      return session.run(operation(request), async (call) => {
        const state = await session.service.read(read, call);
        const response = new messages.ReadResponse();
        response.setId(state.id);
        response.setProperties(toStruct(state.outputs));
        response.setInputs(toStruct(state.inputs));
        response.setRefreshBeforeUpdate(session.service.refreshBeforeUpdate);
        return response;
      });
    },
    update: (request: UpdateRequest) => {
      const session = sessions.current;
      const update = {
        address: parseUrn(request.getUrn()),
        id: request.getId(),
        oldInputs: fromStruct(request.getOldInputs()),
        oldOutputs: fromStruct(request.getOlds()),
        inputs: fromStruct(request.getNews()),
        preview: request.getPreview(),
      };
      return session.run(operation(request), async (call) => {
        const response = new messages.UpdateResponse();
        response.setProperties(toStruct(await session.service.update(update, call)));
        response.setRefreshBeforeUpdate(session.service.refreshBeforeUpdate);
        return response;
      });
    },
    delete: (request: DeleteRequest) => {
      const session = sessions.current;
      parseUrn(request.getUrn());
      const inputs = fromStruct(request.getOldInputs());
      const outputs = fromStruct(request.getProperties());
      return session.run(operation(request), async (call) => {
        await session.service.delete({ id: request.getId(), inputs, outputs }, call);
        return new empties.Empty();
      });
    },
  };
}

function operation(request: { getUrn(): string; getTimeout(): number }) {
  return { urn: request.getUrn(), timeout: request.getTimeout() };
}
