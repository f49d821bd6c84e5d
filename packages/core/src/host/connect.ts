import type { Connection } from "../model/connection.ts";
import type { Host } from "./host.ts";
import { localHost } from "./local-host.ts";
import { natsHost } from "./nats/nats-host.ts";
import { sshHost } from "./ssh-host.ts";

/** The host `name`, reached as `connection` says: by default over SSH, as root, by its own name. */
export function openHost(name: string, connection: Connection): Host {
  if (connection.local !== undefined) return localHost(name);
  if (connection.nats !== undefined) return natsHost(name, connection.nats);
  return sshHost(name, connection.ssh ?? {});
}
