import type { Connection } from "../model/connection.ts";
import type { Host } from "./host.ts";
import { localHost } from "./local-host.ts";
import { sshHost } from "./ssh-host.ts";

/** The host `name`, reached as `connection` says: by default over SSH, as root, by its own name. */
export function openHost(name: string, connection: Connection): Host {
  return connection.local === undefined ? sshHost(name, connection.ssh ?? {}) : localHost(name);
}
