import { providerConfigShape } from "../definitions/provider-config.ts";
import { markSecrets } from "../definitions/secrets.ts";
import type { CheckResult, DiffResult, PropertyDiff } from "../service.ts";
import { type Properties, reveal } from "../values.ts";
import { parseConfig } from "./parse.ts";

/** Validates the provider's configuration; keys and passwords become secrets however they were given. */
export function checkConfig(news: Properties): CheckResult {
  const { values, failures } = parseConfig(news);
  if (values.flake !== undefined && values.file !== undefined) {
    failures.push({ property: "file", reason: "hosts are defined by a flake or by a file, not by both" });
  }
  return { inputs: markSecrets(providerConfigShape, news), failures };
}

/** Configuration says how to reach hosts, not what they are: it is stored anew and never replaces a host. */
export function diffConfig(olds: Properties, news: Properties): DiffResult {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  const different = [...keys].filter(
    (key) => JSON.stringify(reveal(olds[key])) !== JSON.stringify(reveal(news[key])),
  );
  return Object.fromEntries(
    different.map((key) => [key, { kind: kindOf(olds[key], news[key]), inputDiff: true }]),
  );
}

function kindOf(before: unknown, now: unknown): PropertyDiff["kind"] {
  if (before === undefined) return "add";
  return now === undefined ? "delete" : "update";
}
