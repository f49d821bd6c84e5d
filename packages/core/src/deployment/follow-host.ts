import type { Connection } from "../model/connection.ts";
import type { Outcome } from "../model/guard-event.ts";
import { follow } from "./follow.ts";
import { judgeEnd } from "./outcome.ts";
import type { HostOptions } from "./request.ts";
import { withHost } from "./with-host.ts";

const minute = 60_000;

/**
 * Follows deployment `id` of a host from its beginning to its end, also one that another machine began. Returns its
 * outcome, or throws what it means, as the deployment itself would. Nothing is confirmed.
 */
export async function followHost(
  name: string,
  connection: Connection,
  id: string,
  { signal, onEvent }: HostOptions,
): Promise<Outcome> {
  return withHost(name, connection, async (host) => {
    await host.prepare({ signal });
    const limits = { confirmTimeout: minute, rebootTimeout: 10 * minute };
    return judgeEnd(name, id, await follow(host, { id, ...limits }, { signal, onEvent }));
  });
}
