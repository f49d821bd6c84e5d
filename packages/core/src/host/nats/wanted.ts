import { Events, headers, type MsgHdrs, NatsError } from "nats";
import { DeployError } from "../../errors.ts";
import { type Addressee, wantedBucket, wantedKey } from "../../wire/v1/subjects.ts";
import { longestWait, parseWanted, type Wanted } from "../../wire/v1/wanted.ts";
import type { ConnectedNats } from "./connect.ts";
import { fromNats } from "./errors.ts";
import { patiently } from "./patiently.ts";
import { replicated } from "./replicated.ts";
import { signMessage } from "./sign-message.ts";

const timeout = 10_000;
const history = 5;

/** What the bucket holds for a host, as it was published. */
export interface WantedMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: MsgHdrs | undefined;
}

/** Records what `to` shall become when it is back, in the place of what was recorded before. Throws `refused` where nothing can be kept. */
export async function storeWanted(nats: ConnectedNats, to: Addressee, wanted: Wanted): Promise<void> {
  const [subject, body] = [subjectOf(to), JSON.stringify(wanted)];
  const signed = signMessage(nats, subject, to.host, body, longestWait);
  const client = nats.connection.jetstream();
  const publish = () => client.publish(subject, body, { timeout, ...(signed && { headers: signed }) });
  const store = () =>
    publish().catch(async (error: unknown) => {
      if (!isNobody(error)) throw error;
      await replicated(nats.connection, (replicas) => client.views.kv(wantedBucket, { history, replicas }));
      await publish();
    });
  try {
    await patiently(nats.connection, store);
  } catch (error) {
    throw notKept(to, error);
  }
}

/** Takes back what was recorded for `to`, if anything was. */
export async function removeWanted(nats: ConnectedNats, to: Addressee): Promise<void> {
  if ((await readMessage(nats, to)) === undefined) return;
  const deletion = headers();
  deletion.set("KV-Operation", "DEL");
  try {
    await nats.connection.jetstream().publish(subjectOf(to), "", { timeout, headers: deletion });
  } catch (error) {
    throw fromNats(`taking back what ${to.host} shall become`, error);
  }
}

/** What is recorded for `to`. Throws what `check` throws for a message that may not be carried out. */
export async function readWanted(
  nats: ConnectedNats,
  to: Addressee,
  check: (message: WantedMessage) => void,
): Promise<Wanted | undefined> {
  const message = await readMessage(nats, to);
  if (message === undefined) return undefined;
  check(message);
  return parseWanted(new TextDecoder().decode(message.data));
}

/** Calls `onNews` when another system is recorded for `to`, and when one may have been while the server was away. */
export function watchWanted(nats: ConnectedNats, to: Addressee, onNews: () => void): void {
  nats.connection.subscribe(subjectOf(to), { callback: (error) => error === null && onNews() });
  const follow = async () => {
    for await (const { type } of nats.connection.status()) if (type === Events.Reconnect) onNews();
  };
  void follow();
}

// A direct get: for hosts the least permission.
async function readMessage({ connection }: ConnectedNats, to: Addressee): Promise<WantedMessage | undefined> {
  const subject = subjectOf(to);
  try {
    const request = `$JS.API.DIRECT.GET.KV_${wantedBucket}.${subject}`;
    const { data, headers: told } = await connection.request(request, undefined, { timeout });
    if (told?.code === 404 || told?.has("KV-Operation")) return undefined;
    return { subject, data, headers: told };
  } catch (error) {
    // No JetStream, or no bucket.
    if (isNobody(error)) return undefined;
    throw fromNats(`asking what ${to.host} shall become`, error);
  }
}

function subjectOf(to: Addressee): string {
  return `$KV.${wantedBucket}.${wantedKey(to)}`;
}

function isNobody(error: unknown): boolean {
  return error instanceof NatsError && error.code === "503";
}

function notKept({ host }: Addressee, cause: unknown): DeployError {
  const translated = isNobody(cause) ? new Error("it has no JetStream") : fromNats(wantedBucket, cause);
  const reason = translated instanceof Error ? translated.message : String(translated);
  return new DeployError("refused", `the NATS server does not keep what ${host} shall become: ${reason}`, {
    cause,
    hint: "Switch JetStream on in its configuration, and make its stores: homelab-deploy nats-config apply.",
  });
}
