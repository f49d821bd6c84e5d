import { DeployError } from "../../errors.ts";
import { tokenSchema } from "../subject.ts";

/** Name of the NATS service that every listener is. */
export const serviceName = "homelab-deploy";

/** JetStream's stores: closures as a binary cache, the wanted toplevel of each host, and what deployments told. */
export const closureBucket = "homelab-closures";
export const wantedBucket = "homelab-wanted";
export const eventStream = "homelab-events";
export const eventSubjects = "homelab.v1.*.*.events.>";

export interface Addressee {
  readonly tier: string;
  readonly host: string;
}

/** Whose events are meant; absent: those of all. */
export interface EventSelection {
  readonly tier?: string | undefined;
  readonly host?: string | undefined;
}

/** Where `host` listens for requests of a verb. Throws `invalid-input` for names that are no tokens of a subject. */
export function verbSubject({ tier, host }: Addressee, verb: string): string {
  return `homelab.v1.${token("tier", tier)}.${token("host name", host)}.${verb}`;
}

/** Where the listener of `host` tells what deployment `id` tells. */
export function eventSubject(addressee: Addressee, id: string): string {
  return verbSubject(addressee, `events.${id}`);
}

/** Who told what on a subject of events, and of which deployment; undefined for other subjects. */
export function parseEventSubject(subject: string): (Addressee & { readonly id: string }) | undefined {
  const [, tier, host, id] = /^homelab\.v1\.([^.]+)\.([^.]+)\.events\.(.+)$/.exec(subject) ?? [];
  return tier === undefined || host === undefined || id === undefined ? undefined : { tier, host, id };
}

/** The subjects of all that is told of deployments, or of those of one tier or host. */
export function eventSubjectsOf({ tier, host }: EventSelection): string {
  const named = (what: string, text: string | undefined) => (text === undefined ? "*" : token(what, text));
  return `homelab.v1.${named("tier", tier)}.${named("host name", host)}.events.>`;
}

/** Key of the host in the bucket of wanted toplevels. */
export function wantedKey({ tier, host }: Addressee): string {
  return `${token("tier", tier)}.${token("host name", host)}`;
}

function token(what: string, text: string): string {
  if (tokenSchema.safeParse(text).success) return text;
  throw new DeployError("invalid-input", `not a ${what} over NATS: ${JSON.stringify(text)}`, {
    hint: "It is one word of a subject: letters, digits, - and _. A listener may go by another name: connection.nats.host.",
  });
}
