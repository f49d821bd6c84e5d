import { describe, expect, it } from "vitest";
import { toplevel } from "../../test/support/memory-hosts.ts";
import type { DiffResult } from "../service.ts";
import { type Properties, unknown } from "../values.ts";
import { diffHost } from "./diff.ts";

const old = toplevel(1);
const wanted = toplevel(2);
const inputs: Properties = { attribute: "web01", goal: "switch", toplevel: old };
const outputs: Properties = { ...inputs, system: old, profile: old, bootDefault: old, generation: 3 };
const changed: DiffResult = { toplevel: { kind: "update", inputDiff: true } };
const drifted: DiffResult = { toplevel: { kind: "update", inputDiff: false } };

interface Case {
  title: string;
  oldInputs?: Properties;
  oldOutputs?: Properties;
  news: Properties;
  expected: DiffResult;
}

const cases: Case[] = [
  { title: "no diff if nothing changed", news: inputs, expected: {} },
  {
    title: "a diff of toplevel if another one is wanted",
    news: { ...inputs, toplevel: wanted },
    expected: changed,
  },
  {
    title: "a diff of toplevel if it is not known yet",
    news: { ...inputs, toplevel: unknown },
    expected: changed,
  },
  ...(
    [
      ["the connection", { connection: { ssh: { host: "10.0.0.2" } } }],
      ["rollback limits", { rollback: { confirmTimeout: "5s" } }],
      ["the flake", { flake: "git+https://example.org/x" }],
      ["tier, role and tags", { tier: "prod", role: "web", tags: ["a"] }],
      ["the derivation", { derivation: `${toplevel(3)}.drv` }],
      ["the goal, from switch to test", { goal: "test" }],
      ["the goal, from switch to boot", { goal: "boot" }],
      ["health checks", { healthChecks: [{ tcp: { port: 443 } }] }],
      ["hooks", { hooks: { afterHealthy: "true" } }],
      ["what an unhealthy host means", { rollback: { unhealthy: "warn", rescue: "reboot" } }],
      ["when it may reboot", { reboot: "when-needed", rebootAt: "02:00-04:00", rebootTimeout: "5m" }],
      ["where it is built", { buildOn: "target" }],
      ["inputs that this version does not know", { later: true }],
    ] satisfies [string, Properties][]
  ).map(([what, changes]) => ({
    title: `no diff if only ${what} changed`,
    news: { ...inputs, ...changes },
    expected: {},
  })),
  {
    title: "no diff if the host already runs what is newly wanted",
    oldOutputs: { ...outputs, system: wanted, profile: wanted, bootDefault: wanted },
    news: { ...inputs, toplevel: wanted },
    expected: {},
  },
  {
    title: "a diff of reboot if one is still needed, and allowed from now on",
    oldOutputs: { ...outputs, rebootRequired: true },
    news: { ...inputs, reboot: "when-needed" },
    expected: { reboot: { kind: "update", inputDiff: true } },
  },
  {
    title: "no diff if a reboot is needed and not allowed",
    oldOutputs: { ...outputs, rebootRequired: true },
    news: inputs,
    expected: {},
  },
  {
    title: "drift as a diff of toplevel if the host was seen to run something else",
    oldOutputs: { ...outputs, system: wanted },
    news: inputs,
    expected: drifted,
  },
  {
    title: "drift if the host would boot something else",
    oldOutputs: { ...outputs, bootDefault: wanted },
    news: inputs,
    expected: drifted,
  },
  {
    title: "no drift if a host for goal boot still runs something else",
    oldOutputs: { ...outputs, system: wanted },
    news: { ...inputs, goal: "boot" },
    expected: {},
  },
  {
    title: "a diff if the goal becomes switch and the host only runs the system",
    oldInputs: { ...inputs, goal: "test" },
    oldOutputs: { ...outputs, profile: wanted },
    news: inputs,
    expected: drifted,
  },
  {
    title: "a look at the host if the state does not tell what it runs",
    oldOutputs: inputs,
    news: inputs,
    expected: drifted,
  },
  {
    title: "a host that was off, which may get another system yet",
    oldOutputs: { ...outputs, outcome: "pending" },
    news: inputs,
    expected: drifted,
  },
  {
    title: "no crash on empty old state",
    oldInputs: {},
    oldOutputs: {},
    news: inputs,
    expected: { toplevel: { kind: "add", inputDiff: true } },
  },
  {
    title: "a replacement if the attribute is another one",
    news: { ...inputs, attribute: "web02" },
    expected: { attribute: { kind: "replace", inputDiff: true } },
  },
  {
    title: "the evaluation error alone if the host does not evaluate",
    news: { attribute: "web01", goal: "switch", evaluationError: "undefined variable" },
    expected: { evaluationError: { kind: "add", inputDiff: true } },
  },
];

describe("diff of a host shows", () => {
  it.each(cases)("$title", ({ oldInputs = inputs, oldOutputs = outputs, news, expected }) =>
    expect(diffHost({ id: "web01", oldInputs, oldOutputs, news })).toEqual(expected),
  );
});
