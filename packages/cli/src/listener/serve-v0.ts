import type { Host } from "@homelab-deploy/core";
import {
  type ConnectedNats,
  notPermitted,
  readDeployRequest,
  readDiscoverRequest,
  subjectSchema,
} from "@homelab-deploy/core/nats";
import type { Msg } from "nats";
import { version } from "../version.ts";
import type { Answer } from "./answers.ts";
import type { Deployments } from "./deployments.ts";
import type { ListenerOptions } from "./options.ts";

export interface ServedV0 {
  readonly options: ListenerOptions;
  readonly nats: ConnectedNats;
  readonly host: Host;
  readonly deployments: Deployments;
  /** Throws `refused` for a request that may not be carried out. */
  readonly check: (message: Msg) => void;
  /** Tells who asked. */
  readonly tell: (replyTo: string | undefined, answer: Answer) => Promise<void>;
  readonly log: (line: string) => void;
}

/** Answers version 0: deployments on the listener's subjects, and discovery. */
export function serveV0({ options, nats, deployments, check, tell, log }: ServedV0): void {
  const onDeploy = async (message: Msg) => {
    const received = readDeployRequest(message.string());
    const replyTo = received.replyTo ?? replySubject(message);
    const reject = (text: string, error: Answer["error"] = null) => {
      log(`${message.subject}: rejected: ${text}`);
      return tell(replyTo, { status: "rejected", error, message: text });
    };
    try {
      check(message);
    } catch (error) {
      return reject((error as Error).message);
    }
    if (received.request === undefined) return reject(received.message, received.error);
    await deployments.deploy(received.request, replyTo);
  };
  const onDiscover = async (message: Msg) => {
    const replyTo = readDiscoverRequest(message.string()).replyTo ?? replySubject(message);
    if (replyTo === undefined) return;
    await nats.publish(replyTo, JSON.stringify(describe(options)));
  };
  const subscribe = (subject: string, handle: (message: Msg) => Promise<void>) => {
    nats.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) log(notPermitted("subscription", subject).message);
        else handle(message).catch((reason: Error) => log(`${subject}: ${reason.message}`));
      },
    });
  };
  for (const subject of options.deploySubjects) subscribe(subject, onDeploy);
  subscribe(options.discoverSubject, onDiscover);
}

function describe({ hostname, tier, role, deploySubjects }: ListenerOptions) {
  return {
    hostname,
    tier,
    ...(role !== undefined && { role }),
    deploy_subjects: deploySubjects,
    version,
    features: [],
  };
}

// As for `reply_to`, and never a subject of the server, to which an answer could be an order.
function replySubject({ reply }: Msg): string | undefined {
  return reply !== undefined && subjectSchema.safeParse(reply).success ? reply : undefined;
}
