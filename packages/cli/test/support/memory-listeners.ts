import { DeployError, MemoryHost, type NatsConnection, parseStorePath } from "@homelab-deploy/core";
import {
  deploySubjectTemplates,
  discoverSubject,
  expandSubjects,
  type HostStore,
} from "@homelab-deploy/core/nats";
import { type Listener, startListener } from "../../src/listener/listener.ts";
import type { Records } from "../../src/listener/records.ts";

const hash = "kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q";
export const before = parseStorePath(`/nix/store/${hash}-nixos-system-before`);
/** The system of a branch, in tests. */
export const systemOf = (revision: string) => parseStorePath(`/nix/store/${hash}-nixos-system-${revision}`);

export interface MemoryListener {
  readonly host: MemoryHost;
  readonly listener: Listener;
  readonly log: string[];
  stop(): Promise<void>;
}

export interface MemoryListenerOptions {
  readonly hostname: string;
  readonly tier?: string;
  readonly role?: string;
  readonly timeout?: number;
  readonly records?: Records;
  readonly host?: MemoryHost;
  readonly trustedKeys?: readonly string[];
  readonly store?: HostStore;
  /** Waited for before a system is there. */
  readonly building?: (signal: AbortSignal) => Promise<unknown>;
}

/** A real listener, whose host is in memory and whose branches are all there, but for `missing`. */
export async function memoryListener(
  server: string | NatsConnection,
  options: MemoryListenerOptions,
): Promise<MemoryListener> {
  const { hostname, tier = "test", role, timeout = 60_000, records, building = async () => {} } = options;
  const host = options.host ?? new MemoryHost(hostname, before);
  const log: string[] = [];
  const stopped = new AbortController();
  const deploySubjects = expandSubjects(deploySubjectTemplates, { hostname, tier, role });
  const listener = await startListener(
    { hostname, tier, role, deploySubjects, discoverSubject, timeout, trustedKeys: options.trustedKeys },
    {
      connection: typeof server === "string" ? { url: server } : server,
      host,
      records,
      store: options.store,
      systems: async (revision, signal) => {
        await building(signal);
        if (revision === "missing") throw new DeployError("invalid-input", "there is no revision missing");
        if (revision === "broken") throw new DeployError("evaluation-failed", "undefined variable 'x'");
        return { toplevel: systemOf(revision), revision };
      },
      log: (line) => log.push(line),
      signal: stopped.signal,
    },
  );
  return {
    host,
    listener,
    log,
    stop: async () => {
      stopped.abort();
      await listener.ended;
    },
  };
}
