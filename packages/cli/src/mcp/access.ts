import type { NatsConnection } from "@homelab-deploy/core";
import { type ConnectedNats, connectNats } from "@homelab-deploy/core/nats";

export type Tier = "test" | "prod";

/** What the tools have of the fleet. */
export interface Access {
  /** Whether there is a key for every tier. */
  readonly admin: boolean;
  readonly discoverSubject: string;
  /** The connection of the ordinary key, or of the admin's. */
  nats(as: "assistant" | "admin"): Promise<ConnectedNats>;
  close(): Promise<void>;
}

export interface AccessOptions {
  readonly connection: NatsConnection;
  /** Undefined: no access to other tiers than test. */
  readonly admin: NatsConnection | undefined;
  readonly discoverSubject: string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Access that connects when it is first needed, and tries again when that failed: an assistant is started at any time. */
export function openAccess({ connection, admin, discoverSubject, log, signal }: AccessOptions): Access {
  const open = new Map<string, Promise<ConnectedNats>>();
  const connect = (as: string, user: NatsConnection) => {
    const name = `homelab-deploy mcp (${as})`;
    const connecting = connectNats({ ...user, name, signal, onStatus: log });
    connecting.catch(() => open.delete(as));
    open.set(as, connecting);
    return connecting;
  };
  return {
    admin: admin !== undefined,
    discoverSubject,
    nats: (as) => {
      const user = as === "admin" ? admin : connection;
      if (user === undefined) throw new Error("there is no admin");
      return open.get(as) ?? connect(as, user);
    },
    async close() {
      const all = await Promise.allSettled(open.values());
      for (const each of all) if (each.status === "fulfilled") await each.value.close();
    },
  };
}
