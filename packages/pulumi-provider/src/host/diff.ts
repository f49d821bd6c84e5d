import { isDeployed } from "@homelab-deploy/core";
import type { DiffRequest, DiffResult } from "../service.ts";
import { containsUnknown, reveal } from "../values.ts";
import { goalOf, readInputs } from "./inputs.ts";
import { isPending, seenIn } from "./outputs.ts";

/**
 * What has to be done to the host. Only these count: another attribute (another host), an evaluation that failed, a
 * wanted toplevel that the host was not last seen to have, a deployment that it may still have before it, and a reboot that is still needed and allowed. All else is
 * stored without touching the host.
 */
export function diffHost({ id, oldInputs, oldOutputs, news }: DiffRequest): DiffResult {
  const attribute = reveal(news.attribute);
  if (typeof attribute === "string" && attribute !== id) {
    return { attribute: { kind: "replace", inputDiff: true } };
  }
  if (news.evaluationError != null) {
    return {
      evaluationError: { kind: oldInputs.evaluationError == null ? "add" : "update", inputDiff: true },
    };
  }
  if (containsUnknown(news.toplevel)) return { toplevel: { kind: "update", inputDiff: true } };
  const wanted = reveal(news.toplevel);
  if (typeof wanted !== "string") return {};
  const before = reveal(oldInputs.toplevel);
  const given = readInputs(news);
  const seen = seenIn(oldOutputs);
  const asWanted = { goal: goalOf(given), toplevel: wanted };
  const pending = isPending(oldOutputs);
  if (!pending && isDeployed({ ...asWanted, reboot: given.reboot }, seen)) return {};
  if (!pending && isDeployed(asWanted, seen)) {
    return { reboot: { kind: "update", inputDiff: reveal(oldInputs.reboot) !== given.reboot } };
  }
  return { toplevel: { kind: before === undefined ? "add" : "update", inputDiff: before !== wanted } };
}
