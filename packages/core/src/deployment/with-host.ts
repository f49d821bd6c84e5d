import { DeployError } from "../errors.ts";
import { openHost } from "../host/connect.ts";
import type { Host } from "../host/host.ts";
import type { Connection } from "../model/connection.ts";
import type { HostStatus, PastDeployment } from "../model/host-status.ts";

/** Opens a host for the time of `use`. */
export async function withHost<T>(
  name: string,
  connection: Connection,
  use: (host: Host) => Promise<T>,
): Promise<T> {
  const host = openHost(name, connection);
  try {
    return await use(host);
  } finally {
    await host[Symbol.asyncDispose]();
  }
}

/** Reads a host without changing it. */
export async function inspectHost(
  name: string,
  connection: Connection,
  options: { readonly signal: AbortSignal },
): Promise<HostStatus> {
  return withHost(name, connection, (host) => host.inspect(options));
}

/** The newest `count` deployments of a host's journal, the newest first. */
export async function hostHistory(
  name: string,
  connection: Connection,
  count: number,
  options: { readonly signal: AbortSignal },
): Promise<PastDeployment[]> {
  return withHost(name, connection, (host) => host.history(count, options));
}

/** Throws `locked`, with who deploys what, while another deployment is under way. */
export function refuseWhileLocked(name: string, { lock }: HostStatus): void {
  if (lock === undefined) return;
  const since = new Date(lock.since * 1000).toISOString();
  throw new DeployError(
    "locked",
    `${name} is being deployed by ${lock.by} since ${since} (${lock.goal} to ${lock.to})`,
    { hint: "Wait for that deployment to end, then try again." },
  );
}
