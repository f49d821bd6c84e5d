import { DeployError, type NatsConnection } from "@homelab-deploy/core";
import { type ConnectedNats, EventStream, isNotPermitted } from "@homelab-deploy/core/nats";
import { jetstreamPrefix } from "../nats/config/permissions.ts";
import { withNats } from "../nats/with-nats.ts";
import { fleetHistoryTable } from "./fleet-table.ts";
import { readFleetHistory } from "./read-fleet.ts";

interface Request {
  readonly count: number;
  readonly since?: Date | undefined;
  readonly tier?: string | undefined;
  readonly host?: string | undefined;
  readonly json: boolean;
}

/** The deployments of all hosts, or of one, as text. */
export async function fleetHistory(
  connection: NatsConnection,
  { json, ...request }: Request,
  signal: AbortSignal,
): Promise<string> {
  return withNats(connection, "homelab-deploy history", signal, async (nats) => {
    const stream = await openStream(nats, request.tier);
    const deployments = await readFleetHistory(stream, { ...request, signal });
    return json ? `${JSON.stringify(deployments)}\n` : fleetHistoryTable(deployments);
  });
}

// Users of a tier find its JetStream where every user of NATS does, admins where it is imported to.
async function openStream(nats: ConnectedNats, tier: string | undefined): Promise<EventStream> {
  const own = EventStream.open(nats, "$JS.API");
  return own.catch(async (error: unknown) => {
    if (!isNotPermitted(error)) throw error;
    if (tier === undefined) throw notForThisUser(error);
    return EventStream.open(nats, jetstreamPrefix(tier)).catch((other: unknown) => {
      throw isNotPermitted(other) ? notForThisUser(error) : other;
    });
  });
}

function notForThisUser(cause: DeployError): DeployError {
  return new DeployError("refused", cause.message, {
    cause,
    hint: "Deployers of a tier may read what was deployed, and admins, who name the tier: --tier.",
  });
}
