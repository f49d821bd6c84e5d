import { DeployError } from "@homelab-deploy/core";
import {
  type ConnectedNats,
  type DeployRequest,
  type DeployResponse,
  isFinal,
  isHostSubject,
  readDeployResponse,
  writeDeployRequest,
} from "@homelab-deploy/core/nats";
import { collect } from "./collect.ts";
import { discover } from "./discover.ts";

// A listener says something at once; who has been silent for so long is not going to.
const firstAnswer = 60_000;
// Without discovery, nobody knows how many are to come.
const stragglers = 3_000;

export interface DeploymentOptions {
  readonly signal: AbortSignal;
  /** Milliseconds until the last answer. */
  readonly timeout: number;
  readonly discoverSubject?: string | undefined;
  /** Told how many hosts are to answer, as soon as that is known. */
  readonly onExpected?: ((hostnames: readonly string[]) => void) | undefined;
  readonly onResponse: (response: DeployResponse) => void;
}

export interface DeploymentAnswers {
  /** The last response of each host that answered, by name. */
  readonly hosts: readonly DeployResponse[];
  /** Hosts that take deployments on the subject, and said nothing. */
  readonly missing: readonly string[];
  /** Whether every one of them completed. */
  readonly completed: boolean;
}

/**
 * Asks for a deployment on `subject` and collects the responses to their end. Who is to answer on a subject of several
 * hosts is found out by discovery first. Throws `unreachable` when nobody listens, `refused` when the server does not permit it.
 */
export async function requestDeployment(
  nats: ConnectedNats,
  subject: string,
  request: DeployRequest,
  options: DeploymentOptions,
): Promise<DeploymentAnswers> {
  const { signal, timeout, discoverSubject, onResponse } = options;
  const one = isHostSubject(subject);
  const expected = one ? [] : await hostsOf(nats, subject, { signal, subject: discoverSubject });
  if (expected.length > 0) options.onExpected?.(expected);
  const start = Date.now();
  const hosts = new Map<string, DeployResponse>();
  const missing = () => expected.filter((hostname) => !hosts.has(hostname));
  const allFinal = () => hosts.size > 0 && [...hosts.values()].every(({ status }) => isFinal(status));
  const onAnswer = (body: string) => {
    const response = readDeployResponse(body);
    if (response === undefined) return false;
    hosts.set(response.hostname, response);
    onResponse(response);
    return allFinal() && missing().length === 0 && (one || expected.length > 0);
  };
  const patience = () => {
    const left = start + timeout - Date.now();
    const silent = start + firstAnswer - Date.now();
    if (hosts.size === 0 || (allFinal() && missing().length > 0)) return Math.max(0, Math.min(left, silent));
    return Math.max(0, allFinal() ? Math.min(left, stragglers) : left);
  };
  const body = (replyTo: string) => writeDeployRequest(request, replyTo);
  const heard = await collect(nats, subject, body, { signal, onAnswer, patience });
  if (!heard || (hosts.size === 0 && expected.length === 0)) {
    throw new DeployError("unreachable", `${heard ? "nobody answers" : "nobody listens"} on ${subject}`, {
      hint: "`homelab-deploy hosts` shows who listens, and on which subjects.",
    });
  }
  const answers = [...hosts.values()].sort((a, b) => a.hostname.localeCompare(b.hostname));
  const completed = missing().length === 0 && answers.every(({ status }) => status === "completed");
  return { hosts: answers, missing: missing(), completed };
}

// A user who may not ask, or listeners that do not tell their subjects: then the answers themselves tell who is there.
async function hostsOf(
  nats: ConnectedNats,
  subject: string,
  options: { readonly signal: AbortSignal; readonly subject?: string | undefined },
): Promise<string[]> {
  const found = await discover(nats, options).catch((error: unknown) => {
    if (error instanceof DeployError && error.code === "refused") return [];
    throw error;
  });
  return found.filter((host) => host.deploy_subjects.includes(subject)).map(({ hostname }) => hostname);
}
