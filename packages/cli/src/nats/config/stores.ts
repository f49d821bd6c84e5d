import {
  type ConnectedNats,
  closureBucket,
  eventStream,
  eventSubjects,
  fromNats,
  makeBucket,
  patiently,
  replicated,
  wantedBucket,
} from "@homelab-deploy/core/nats";
import { DiscardPolicy, type JetStreamManager, NatsError, nanos, RetentionPolicy, StorageType } from "nats";
import { jetstreamPrefix } from "./permissions.ts";

const day = 24 * 3_600_000;

/** Makes the stores of `tier` that are not there yet, as an admin; returns the names of those that were made. */
export async function makeStores({ connection }: ConnectedNats, tier: string): Promise<string[]> {
  const apiPrefix = jetstreamPrefix(tier);
  try {
    const manager = await connection.jetstreamManager({ apiPrefix, checkAPI: false });
    const client = connection.jetstream({ apiPrefix });
    const make = {
      [`OBJ_${closureBucket}`]: (replicas: number) => makeBucket(manager, closureBucket, replicas),
      [`KV_${wantedBucket}`]: (replicas: number) => client.views.kv(wantedBucket, { history: 5, replicas }),
      [eventStream]: (replicas: number) => makeEvents(manager, replicas),
    };
    const made: string[] = [];
    for (const [stream, makeIt] of Object.entries(make)) {
      if (await patiently(connection, () => exists(manager, stream))) continue;
      await patiently(connection, () =>
        replicated(connection, async (replicas) => void (await makeIt(replicas))),
      );
      made.push(stream);
    }
    return made;
  } catch (error) {
    throw fromNats(`making the stores of tier ${tier}`, error);
  }
}

// The record of what was done: nobody takes single events out of it, or empties it.
function makeEvents(manager: JetStreamManager, replicas: number): Promise<unknown> {
  return manager.streams.add({
    name: eventStream,
    subjects: [eventSubjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas,
    discard: DiscardPolicy.Old,
    max_age: nanos(365 * day),
    max_msgs: 1_000_000,
    deny_delete: true,
    deny_purge: true,
    allow_direct: true,
  });
}

async function exists(manager: JetStreamManager, stream: string): Promise<boolean> {
  try {
    await manager.streams.info(stream);
    return true;
  } catch (error) {
    if (error instanceof NatsError && error.code === "404") return false;
    throw error;
  }
}
