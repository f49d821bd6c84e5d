import {
  type ConnectionDefaults,
  connectionOf,
  DeployError,
  type FleetHost,
  type Host,
  openHost,
  toDeployError,
} from "@homelab-deploy/core";
import pLimit from "p-limit";

/** A host and what it answered, or why it did not. */
export interface Surveyed<T> {
  readonly host: FleetHost;
  readonly answer?: T;
  readonly error?: DeployError;
}

export interface SurveyOptions<T> {
  readonly defaults: ConnectionDefaults;
  readonly parallel: number;
  /** Milliseconds that a host may take. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly ask: (machine: Host, host: FleetHost, signal: AbortSignal) => Promise<T>;
}

/** Asks hosts over their own connections, several side by side; who does not answer in time is told with the others. */
export async function survey<T>(
  hosts: readonly FleetHost[],
  { defaults, parallel, timeout, signal, ask }: SurveyOptions<T>,
): Promise<Surveyed<T>[]> {
  const limit = pLimit(parallel);
  const askOne = async (host: FleetHost): Promise<Surveyed<T>> => {
    try {
      signal.throwIfAborted();
      return { host, answer: await within(timeout, host.name, signal, (each) => reach(host, each)) };
    } catch (error) {
      signal.throwIfAborted();
      return { host, error: toDeployError(error, "bad-answer") };
    }
  };
  const reach = async (host: FleetHost, each: AbortSignal) => {
    await using machine = openHost(host.name, connectionOf(host.name, host, defaults));
    return await ask(machine, host, each);
  };
  return Promise.all(hosts.map((host) => limit(() => askOne(host))));
}

async function within<T>(
  timeout: number,
  name: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const reason = new DeployError("timeout", `${name} did not answer within ${timeout / 1000} s`);
  const timer = setTimeout(() => late.abort(reason), timeout);
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}
