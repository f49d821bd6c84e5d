import type { Surroundings } from "../surroundings.ts";
import { natsConnectionFrom } from "./connection-options.ts";
import { discover } from "./discover.ts";
import { table } from "./table.ts";
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
  { stdout, signal }: Surroundings,
): Promise<void> {
  const { tier, role, discoverSubject: subject } = flags;
  const hosts = await withNats(natsConnectionFrom(flags), "homelab-deploy hosts", signal, (nats) =>
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
