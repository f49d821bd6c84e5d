import {
  type ConnectionDefaults,
  DeployError,
  evaluateFleet,
  type Fleet,
  type FleetHost,
  type FleetSelection,
  type FleetSource,
} from "@homelab-deploy/core";
import type { CommandContext } from "../surroundings.ts";

/** Which hosts are meant, and how they are reached. */
export interface FleetRequest {
  readonly source: FleetSource;
  readonly selection: FleetSelection;
  readonly defaults: ConnectionDefaults;
  /** How many hosts are asked, or deployed to, at the same time. */
  readonly parallel: number;
}

/** The hosts that are meant, by name; tells the story of their evaluation. Throws `invalid-input` when there is none. */
export async function evaluateHosts(
  { source, selection }: FleetRequest,
  { stderr, signal }: CommandContext,
  withoutSystems = false,
): Promise<FleetHost[]> {
  const fleet: Fleet = await evaluateFleet(source, selection, {
    signal,
    withoutSystems,
    onEvaluate: (name) => stderr(`${name}: evaluating\n`),
    onNote: (note) => stderr(`${note}\n`),
  });
  const hosts = Object.values(fleet.hosts).sort((a, b) => a.name.localeCompare(b.name));
  if (hosts.length > 0) return hosts;
  throw new DeployError("invalid-input", `no host of ${source.flake ?? source.file} is selected`);
}
