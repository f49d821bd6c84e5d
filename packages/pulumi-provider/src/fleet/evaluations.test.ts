import { DeployError } from "@homelab-deploy/core";
import { describe, expect, it } from "vitest";
import { createCall, createMemoryFleet, toplevel } from "../../test/support/memory-hosts.ts";
import { createEvaluations } from "./evaluations.ts";
import { invokeFunction } from "./invoke.ts";

const fleet = {
  web01: { toplevel: toplevel(1), system: "x86_64-linux", tier: "prod" },
  web02: { toplevel: toplevel(2), tier: "test" },
};
const source = { flake: "." };

describe("evaluations", () => {
  it("that are wanted in one window are one", async () => {
    const { asked, evaluateFleet } = createMemoryFleet(fleet);
    const evaluations = createEvaluations(evaluateFleet);
    const [first, second, both] = await Promise.all([
      evaluations.hosts(source, ["web01"], createCall()),
      evaluations.hosts(source, ["web02"], createCall()),
      evaluations.hosts(source, ["web01", "web02"], createCall()),
    ]);
    expect(asked).toEqual([{ source, selection: { names: ["web01", "web02"] } }]);
    expect(Object.keys(first)).toEqual(["web01"]);
    expect(Object.keys(second)).toEqual(["web02"]);
    expect(Object.keys(both)).toEqual(["web01", "web02"]);
  });

  it("are made once for each host of a source", async () => {
    const { asked, evaluateFleet } = createMemoryFleet(fleet);
    const evaluations = createEvaluations(evaluateFleet, 0);
    await evaluations.hosts(source, ["web01"], createCall());
    await evaluations.hosts(source, ["web01", "web02"], createCall());
    await evaluations.hosts({ flake: "../other" }, ["web01"], createCall());
    expect(asked.map(({ source: { flake }, selection }) => [flake, selection.names])).toEqual([
      [".", ["web01"]],
      [".", ["web02"]],
      ["../other", ["web01"]],
    ]);
  });

  it("of a name that the source does not have fail for that name alone", async () => {
    const { evaluateFleet } = createMemoryFleet(fleet);
    const hosts = await createEvaluations(evaluateFleet, 0).hosts(source, ["web01", "nowhere"], createCall());
    expect(hosts.nowhere).toEqual({ name: "nowhere", evaluationError: 'no host "nowhere" in .' });
    expect(hosts.web01).toMatchObject({ toplevel: toplevel(1) });
  });

  it("tell once what of a source has no effect", async () => {
    const { evaluateFleet } = createMemoryFleet(fleet);
    const evaluations = createEvaluations((source, selection, options) => {
      options.onNote?.("of its profiles only system is deployed");
      return evaluateFleet(source, selection, options);
    }, 0);
    const call = createCall();
    await evaluations.hosts(source, ["web01"], call);
    await evaluations.select(source, { tier: "prod" }, call);
    const told = call.lines.filter((line) => line.startsWith("warning"));
    expect(told).toEqual(["warning: of its profiles only system is deployed"]);
  });

  it("that failed are tried again", async () => {
    const { asked, evaluateFleet } = createMemoryFleet(fleet);
    let fails = true;
    const evaluations = createEvaluations(async (...args) => {
      if (fails) throw new DeployError("evaluation-failed", "no flake.nix");
      return evaluateFleet(...args);
    }, 0);
    await expect(evaluations.hosts(source, ["web01"], createCall())).rejects.toThrow("no flake.nix");
    fails = false;
    await evaluations.hosts(source, ["web01"], createCall());
    expect(asked).toHaveLength(1);
  });
});

describe("functions", () => {
  const invoke = (token: string, args: Parameters<typeof invokeFunction>[1], config = {}) => {
    const { asked, evaluateFleet } = createMemoryFleet(fleet);
    const context = { config, evaluations: createEvaluations(evaluateFleet, 0) };
    const call = createCall();
    return invokeFunction(token, args, context, call).then((result) => ({
      ...result,
      asked,
      lines: call.lines,
    }));
  };

  it("getFleet gives the hosts of a tier, as a Host takes them", async () => {
    const { result, lines } = await invoke("nixos:index:getFleet", { flake: ".", tier: "prod" });
    expect(result).toEqual({
      hosts: { web01: { name: "web01", toplevel: toplevel(1), platform: "x86_64-linux", tier: "prod" } },
    });
    expect(lines).toEqual(["ephemeral: evaluating web01"]);
  });

  it("evaluate gives the named hosts, from the provider's source by default", async () => {
    const { result, asked } = await invoke(
      "nixos:index:evaluate",
      { hosts: ["web02"] },
      { file: "hosts.nix" },
    );
    expect(Object.keys(result.hosts as object)).toEqual(["web02"]);
    expect(asked).toEqual([{ source: { file: "hosts.nix" }, selection: { names: ["web02"] } }]);
  });

  it("name the argument that is wrong", async () => {
    expect((await invoke("nixos:index:getFleet", {})).failures).toEqual([
      { property: "flake", reason: "neither a flake nor a file is given, here or in the provider" },
    ]);
    expect((await invoke("nixos:index:evaluate", { flake: ".", hosts: "web01" })).failures).toEqual([
      { property: "hosts", reason: expect.stringContaining("expected array") },
    ]);
  });

  it("that do not exist are refused", () =>
    expect(invoke("nixos:index:getHost", {})).rejects.toThrow('no function "nixos:index:getHost"'));
});
