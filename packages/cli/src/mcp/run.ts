import { DeployError, type NatsConnection } from "@homelab-deploy/core";
import { readIdentity } from "@homelab-deploy/core/nats";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { openAccess } from "./access.ts";
import { parseAddress, serveHttp } from "./http.ts";
import { createServer } from "./server.ts";

export interface McpFlags {
  readonly enableAdmin?: boolean;
  readonly adminNkeyFile?: string;
  readonly http?: string;
  readonly discoverSubject: string;
}

/** Serves until it is stopped, or standard input ends. Throws `invalid-input` for a flag, or a file of a flag, that is wrong. */
export async function runMcp(
  connection: NatsConnection,
  flags: McpFlags,
  { log, signal }: { readonly log: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const admin = adminConnection(connection, flags);
  for (const each of [connection, admin]) if (each !== undefined) await readIdentity(each);
  const address = flags.http === undefined ? undefined : parseAddress(flags.http);
  const access = openAccess({ connection, admin, discoverSubject: flags.discoverSubject, log, signal });
  try {
    if (address !== undefined) await serveHttp(address, () => createServer(access), { log, signal });
    else await serveStdio(createServer(access), signal);
  } finally {
    await access.close();
  }
}

function adminConnection(
  connection: NatsConnection,
  { enableAdmin = false, adminNkeyFile }: McpFlags,
): NatsConnection | undefined {
  if (enableAdmin !== (adminNkeyFile !== undefined)) {
    throw new DeployError("invalid-input", "--enable-admin and --admin-nkey-file belong together");
  }
  if (adminNkeyFile === undefined) return undefined;
  const { credentialsFile: _other, ...server } = connection;
  return { ...server, nkeyFile: adminNkeyFile };
}

async function serveStdio(server: ReturnType<typeof createServer>, signal: AbortSignal): Promise<void> {
  await server.connect(new StdioServerTransport());
  await new Promise<void>((resolve) => {
    process.stdin.once("end", resolve);
    process.stdin.once("close", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await server.close();
}
