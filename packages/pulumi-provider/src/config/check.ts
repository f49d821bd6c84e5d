import type { CheckResult, DiffResult, PropertyDiff } from "../service.ts";
import { containsSecret, type Properties, reveal, Secret } from "../values.ts";
import { parseConfig } from "./parse.ts";

/** Validates the provider's configuration; a private key becomes a secret however it was given. */
export function checkConfig(news: Properties): CheckResult {
  const { values, failures } = parseConfig(news);
  if (values.flake !== undefined && values.file !== undefined) {
    failures.push({ property: "file", reason: "hosts are defined by a flake or by a file, not by both" });
  }
  return { inputs: { ...news, ...secretIdentity(news) }, failures };
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

function secretIdentity({ identity }: Properties): Properties {
  if (identity == null || containsSecret(identity)) return {};
  return { identity: new Secret(identity) };
}

function kindOf(before: unknown, now: unknown): PropertyDiff["kind"] {
  if (before === undefined) return "add";
  return now === undefined ? "delete" : "update";
}
