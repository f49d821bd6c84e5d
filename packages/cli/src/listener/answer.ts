import { DeployError, toDeployError } from "@homelab-deploy/core";
import {
  alive,
  encodeError,
  type ParsedRequest,
  type Reply,
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

export type Admit = (message: Pick<Msg, "subject" | "headers" | "data">) => void;

interface Options {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly admit?: Admit | undefined;
}

/** Answers one request with what `handler` makes of it: a sign of life every second, events, then the result or the error. */
export async function answer<V extends Verb>(
  verb: V,
  handler: Handler<V>,
  message: Msg,
  { signal, log, admit }: Options,
): Promise<void> {
  const reply = (content: Reply) => message.respond(JSON.stringify(content));
  const timer = setInterval(() => reply({ event: alive }), aliveInterval);
  try {
    admit?.(message);
    const request = parseRequest(verb, message);
    const tell = (event: VerbEvent<V>) => reply({ event });
    reply({ ok: await handler(request, { signal, tell }) });
  } catch (error) {
    const failure = toDeployError(error, "refused");
    log(`${verb}: ${failure.message}`);
    reply(encodeError(failure));
  } finally {
    clearInterval(timer);
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
