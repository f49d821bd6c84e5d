import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { CheckFailure, CheckResult, DiffResult, PropertyDiff } from "../service.ts";
import { toStruct } from "./wire.ts";

export function toCheckResponse({ inputs, failures }: CheckResult) {
  const response = new messages.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(failures.map(toCheckFailure));
  return response;
}

export function toCheckFailure({ property, reason }: CheckFailure) {
  const failure = new messages.CheckFailure();
  failure.setProperty(property);
  failure.setReason(reason);
  return failure;
}

/** A detailed answer: what differs by path, and which of it needs another resource. */
export function toDiffResponse(diff: DiffResult) {
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  const paths = Object.keys(diff);
  const response = new messages.DiffResponse();
  response.setChanges(paths.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList([...new Set(paths.map(topLevelKey))]);
  response.setReplacesList(paths.filter((path) => diff[path]?.kind === "replace"));
  response.setHasdetaileddiff(true);
  for (const [path, difference] of Object.entries(diff)) {
    response.getDetaileddiffMap().set(path, toPropertyDiff(difference));
  }
  return response;
}

function toPropertyDiff({ kind, inputDiff }: PropertyDiff) {
  const { Kind } = messages.PropertyDiff;
  const kinds = { add: Kind.ADD, delete: Kind.DELETE, update: Kind.UPDATE, replace: Kind.UPDATE_REPLACE };
  const difference = new messages.PropertyDiff();
  difference.setKind(kinds[kind]);
  difference.setInputdiff(inputDiff);
  return difference;
}

function topLevelKey(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}
