import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectedNats, connectNats, readIdentity } from "@homelab-deploy/core/nats";
import { type NatsServer, startNatsServer } from "@homelab-deploy/testbed";
import { runCli } from "./run-cli.ts";

const { signal } = new AbortController();

/** A server that runs with what `nats-config` writes, and the keys that it made. */
export interface NatsSite extends AsyncDisposable {
  readonly server: NatsServer;
  /** File with the description. */
  readonly description: string;
  /** Directory of the keys. */
  readonly keys: string;
  /** All that the command said when it made both. */
  readonly written: string;
  /** File with the seed of a user, such as `hosts/web01`. */
  keyFile(user: string): string;
  publicKey(user: string): Promise<string>;
  connect(user: string): Promise<ConnectedNats>;
}

/** Starts a server for the users that `description` names in YAML, `alice` among its admins. */
export async function startNatsSite(description: string, address = "127.0.0.1"): Promise<NatsSite> {
  const directory = await mkdtemp(join(tmpdir(), "homelab-nats-site-"));
  const server = await startNatsServer({ address });
  const connections: ConnectedNats[] = [];
  const [file, keys] = [join(directory, "nats.yaml"), join(directory, "keys")];
  const keyFile = (user: string) => join(keys, `${user}.nkey`);
  let said = "";
  const dispose = async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await server.remove();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const listen = `listen: ${address}:${server.port}`;
    const jetstream = `jetstream: { directory: ${join(server.directory, "jetstream")}, maxStorage: 1GiB }`;
    await writeFile(file, [listen, jetstream, description].join("\n"));
    const written = await runCli("nats-config", file, "--generate-keys", keys);
    if (written.status !== 0) throw new Error(written.stderr);
    said = written.stdout + written.stderr;
    await server.stop();
    await server.start(written.stdout);
    const admin = ["--nats-url", server.url, "--nkey-file", keyFile("admins/alice")];
    const applied = await runCli("nats-config", "apply", file, ...admin);
    if (applied.status !== 0) throw new Error(applied.stderr);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    server,
    description: file,
    keys,
    written: said,
    keyFile,
    publicKey: async (user) => (await readIdentity({ nkeyFile: keyFile(user) }))?.publicKey ?? "",
    async connect(user) {
      const nats = await connectNats({ url: server.url, name: user, nkeyFile: keyFile(user), signal });
      connections.push(nats);
      return nats;
    },
    [Symbol.asyncDispose]: dispose,
  };
}
