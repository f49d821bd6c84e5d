import { DeployError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Connection } from "../model/connection.ts";
import type { HostStatus } from "../model/host-status.ts";
import { parseStorePath } from "../model/store-path.ts";
import { bringTo } from "./bring-to.ts";
import type { ActivationPolicy, DeploymentResult, HostOptions } from "./request.ts";
import { refuseWhileLocked, withHost } from "./with-host.ts";

export interface RollbackRequest extends ActivationPolicy {
  readonly name: string;
  readonly connection: Connection;
  /** Number of the generation to go back to. Default: the newest one before the current. */
  readonly generation?: number | undefined;
}

/**
 * Takes a host back to one of its generations, guarded as a deployment is. The host's profile names that generation
 * afterwards; no new one is made. Throws `refused` when the host has no such generation.
 */
export async function rollBack(request: RollbackRequest, options: HostOptions): Promise<DeploymentResult> {
  return withHost(request.name, request.connection, (host) => rollBackTo(host, request, options));
}

async function rollBackTo(
  host: Host,
  request: RollbackRequest,
  { signal, onEvent }: HostOptions,
): Promise<DeploymentResult> {
  onEvent({ type: "phase", phase: "connecting" });
  const before = await host.inspect({ signal });
  refuseWhileLocked(host.name, before);
  const { number, toplevel } = findGeneration(host.name, before, request.generation);
  if (before.generation === number && before.running === toplevel && before.bootDefault === toplevel) {
    return { outcome: "unchanged", status: before };
  }
  onEvent({ type: "notice", message: `going back to generation ${number}: ${toplevel}` });
  const target = {
    toplevel: parseStorePath(toplevel),
    goal: "switch",
    connection: request.connection,
    generation: number,
    before,
    fetch: () => host.prepare({ signal }),
  } as const;
  return bringTo(host, target, request, { signal, onEvent });
}

function findGeneration(host: string, { generation, generations }: HostStatus, wanted: number | undefined) {
  const older = generations.filter(({ number }) => number < (generation ?? 0));
  const found =
    wanted === undefined
      ? older.sort((one, other) => other.number - one.number)[0]
      : generations.find(({ number }) => number === wanted);
  if (found !== undefined) return found;
  const numbers = generations.map(({ number }) => number).sort((one, other) => one - other);
  const reason = wanted === undefined ? `no generation before ${generation}` : `no generation ${wanted}`;
  throw new DeployError("refused", `${host} has ${reason}; it has ${numbers.join(", ")}`);
}
