import { createInbox, type Msg } from "nats";
import { DeployError, toDeployError } from "../../errors.ts";
import { decodeError, parseReply } from "../../wire/v1/replies.ts";
import { type Addressee, verbSubject } from "../../wire/v1/subjects.ts";
import { type Verb, type VerbAnswer, type VerbEvent, type VerbRequest, verbs } from "../../wire/v1/verbs.ts";
import type { ConnectedNats } from "./connect.ts";
import { signMessage } from "./sign-message.ts";

// A listener that works on a request gives a sign of life every second.
const silenceTimeout = 10_000;

export interface AskOptions<V extends Verb> {
  readonly signal: AbortSignal;
  readonly onEvent?: ((event: VerbEvent<V>) => void) | undefined;
}

/**
 * Asks the listener of a host. Throws what it answers, `unreachable` when none listens or it falls silent, and `refused`
 * when the server does not let this user ask.
 */
export async function ask<V extends Verb>(
  nats: ConnectedNats,
  to: Addressee,
  verb: V,
  request: VerbRequest<V>,
  { signal, onEvent }: AskOptions<V>,
): Promise<VerbAnswer<V>> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const lose = () => reject(new DeployError("unreachable", `${to.host} does not answer over NATS`));
  let timer = setTimeout(lose, silenceTimeout);
  const onReply = (message: Msg) => {
    clearTimeout(timer);
    timer = setTimeout(lose, silenceTimeout);
    if (message.headers?.code === 503) return reject(nobody(to));
    const reply = parseReply(message.string());
    if (reply === undefined) return;
    if ("ok" in reply) return resolve(reply.ok);
    if ("error" in reply) return reject(decodeError(reply.error));
    const event = verbs[verb].event.safeParse(reply.event).data as VerbEvent<V> | undefined;
    if (event !== undefined) onEvent?.(event);
  };
  const inbox = createInbox(nats.inboxPrefix);
  const subscription = nats.connection.subscribe(inbox, {
    callback: (error, message) => (error === null ? onReply(message) : reject(error)),
  });
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const [subject, body] = [verbSubject(to, verb), JSON.stringify(request)];
    const headers = signMessage(nats, subject, to.host, body);
    const published = nats.publish(subject, body, { reply: inbox, ...(headers && { headers }) });
    published.catch(reject);
    return parseAnswer(to, verb, await promise);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw toDeployError(error, "unreachable");
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    subscription.unsubscribe();
  }
}

function parseAnswer<V extends Verb>({ host }: Addressee, verb: V, answer: unknown): VerbAnswer<V> {
  const parsed = verbs[verb].answer.safeParse(answer);
  if (parsed.success) return parsed.data as VerbAnswer<V>;
  throw new DeployError("bad-answer", `${host} answered something unexpected to ${verb}`, {
    cause: parsed.error,
  });
}

function nobody({ host, tier }: Addressee): DeployError {
  return new DeployError("unreachable", `no listener answers for ${host} in tier ${tier}`, {
    hint: "Is the host on, its listener running (systemctl status homelab-deploy-listener), and the tier right?",
  });
}
