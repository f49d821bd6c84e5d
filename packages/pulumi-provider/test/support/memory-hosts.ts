import type { FleetHost, FleetSelection, FleetSource, HostStatus } from "@homelab-deploy/core";
import { DeployError, isDeployed, parseStorePath } from "@homelab-deploy/core";
import type { Deployer } from "../../src/host/deployer.ts";
import type { ProviderParts } from "../../src/provider.ts";

/** A store path whose hash is `digit`, 32 times. */
export function toplevel(digit: number | string, name = "nixos-system-web01-25.05") {
  return parseStorePath(`/nix/store/${String(digit).repeat(32)}-${name}`);
}

export function status(changes: Partial<HostStatus> = {}): HostStatus {
  const running = changes.running ?? toplevel(0);
  return {
    guard: 1,
    features: [],
    restricted: false,
    hostname: "web01",
    running,
    booted: running,
    bootDefault: running,
    profile: running,
    generation: 7,
    generations: [],
    rebootRequired: false,
    bootId: "first",
    clock: "Sat 12:00",
    nixosVersion: "25.05",
    failedUnits: [],
    freeBytes: 1e9,
    deployments: [],
    ...changes,
  };
}

type Deploy = Deployer["deploy"];

/** Hosts that exist in memory only; a host that is not in `hosts` does not answer. */
export function createMemoryHosts(hosts: Record<string, HostStatus> = {}) {
  const deployments: Parameters<Deploy>[0][] = [];
  const answer = (name: string) => {
    const host = hosts[name];
    if (host === undefined) throw new DeployError("unreachable", `${name} does not answer`);
    return host;
  };
  const deploy: Deploy = async (request, { signal, onEvent }) => {
    deployments.push(request);
    signal.throwIfAborted();
    onEvent({ type: "phase", phase: "connecting" });
    const before = answer(request.name);
    if (isDeployed(request, before)) return { outcome: "unchanged", status: before };
    const to = parseStorePath(request.toplevel);
    const generation = (before.generation ?? 0) + 1;
    hosts[request.name] = { ...before, running: to, profile: to, bootDefault: to, generation };
    onEvent({ type: "notice", message: `restarted nginx.service on ${request.name}` });
    return { outcome: "committed", status: answer(request.name) };
  };
  const deployer: Deployer = { deploy, inspectHost: async (name) => answer(name), withdraw: async () => {} };
  return { hosts, deployments, deployer };
}

/** An evaluation that finds `fleet`, and notes what it was asked for. */
export function createMemoryFleet(fleet: Record<string, Omit<FleetHost, "name">>) {
  const asked: { source: FleetSource; selection: FleetSelection }[] = [];
  const evaluateFleet: ProviderParts["evaluateFleet"] = async (source, selection, { onEvaluate }) => {
    asked.push({ source, selection });
    const names = selection.names ?? Object.keys(fleet);
    const selected = names.filter((name) => {
      const host = fleet[name];
      return host !== undefined && (selection.tier === undefined || host.tier === selection.tier);
    });
    for (const name of selected) onEvaluate?.(name);
    return { hosts: Object.fromEntries(selected.map((name) => [name, { name, ...fleet[name] }])) };
  };
  return { asked, evaluateFleet };
}

/** A call whose log lines can be read afterwards. */
export function createCall(signal: AbortSignal = new AbortController().signal) {
  const lines: string[] = [];
  return { signal, lines, log: (kind: string, message: string) => void lines.push(`${kind}: ${message}`) };
}
