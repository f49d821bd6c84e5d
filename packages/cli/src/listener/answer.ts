import { DeployError, toDeployError } from "@homelab-deploy/core";
import {
  alive,
  encodeError,
  type ParsedRequest,
  type Reply,
  subjectSchema,
  type Verb,
  type VerbAnswer,
  type VerbEvent,
  verbs,
} from "@homelab-deploy/core/nats";
import type { Msg } from "nats";

const aliveInterval = 1000;

export interface Asked<V extends Verb> {
  readonly signal: AbortSignal;
  readonly tell: (event: VerbEvent<V>) => void;
}

export type Handler<V extends Verb> = (request: ParsedRequest<V>, asked: Asked<V>) => Promise<VerbAnswer<V>>;

interface Options {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Throws `refused` for a request that may not be carried out. */
  readonly check: (message: Msg) => void;
}

/** Answers one request with what `handler` makes of it: a sign of life every second, events, then the result or the error. */
export async function answer<V extends Verb>(
  verb: V,
  handler: Handler<V>,
  message: Msg,
  { signal, log, check }: Options,
): Promise<void> {
  // Never to a subject of the server, where it could be an order.
  if (!subjectSchema.safeParse(message.reply).success) return;
  const reply = (content: Reply) => message.respond(JSON.stringify(content));
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();
  const onStop = () => stop(new DeployError("unreachable", "the listener was stopped"));
  signal.addEventListener("abort", onStop, { once: true });
  const timer = setInterval(() => reply({ event: alive }), aliveInterval);
  try {
    check(message);
    const request = parseRequest(verb, message);
    const tell = (event: VerbEvent<V>) => reply({ event });
    reply({ ok: await Promise.race([handler(request, { signal, tell }), stopped]) });
  } catch (error) {
    const failure = toDeployError(error, "refused");
    log(`${verb}: ${failure.message}`);
    reply(encodeError(failure));
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", onStop);
  }
}

function parseRequest<V extends Verb>(verb: V, message: Msg): ParsedRequest<V> {
  const parsed = verbs[verb].request.safeParse(parseJson(message.string()));
  if (parsed.success) return parsed.data as ParsedRequest<V>;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "the request";
  throw new DeployError("invalid-input", `${verb}: ${where}: ${issue?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
