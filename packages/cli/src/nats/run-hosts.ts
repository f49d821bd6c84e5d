import type { CommandContext } from "../surroundings.ts";
import { table } from "../terminal/table.ts";
import { natsConnectionFrom } from "./connection-options.ts";
import { discover } from "./discover.ts";
import { withNats } from "./with-nats.ts";

interface Flags {
  readonly tier?: string;
  readonly role?: string;
  readonly discoverSubject: string;
  readonly json?: boolean;
}

/** Writes which hosts listen. */
export async function runHosts(
  flags: Flags & Record<string, string | undefined>,
  { stdout, signal, config }: CommandContext,
): Promise<void> {
  const connection = natsConnectionFrom(flags, config.connection?.nats);
  const { tier, role, discoverSubject: subject } = flags;
  const hosts = await withNats(connection, "homelab-deploy hosts", signal, (nats) =>
    discover(nats, { signal, subject, tier, role }),
  );
  const rows = hosts.map((host) => [
    host.hostname,
    host.tier,
    host.role ?? "-",
    host.version ?? "-",
    host.deploy_subjects.join(" "),
  ]);
  stdout(
    flags.json ? `${JSON.stringify(hosts)}\n` : table(["HOST", "TIER", "ROLE", "VERSION", "SUBJECTS"], rows),
  );
}
