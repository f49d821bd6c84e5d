import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const START_MILLISECONDS = 20_000;

export interface NatsServerOptions {
  /** Address that it listens on. Default: 127.0.0.1. */
  readonly address?: string;
  /** Default: one that is free. */
  readonly port?: number;
  /** More of the server's configuration. */
  readonly config?: string;
  /** Whether it keeps streams, in its own directory. */
  readonly jetstream?: boolean;
}

/** A real nats-server of this machine. Dispose of it (`await using`), or call `stop` and `remove`. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Its configuration, log and streams. */
  readonly directory: string;
  /** What it has logged. */
  log(): Promise<string>;
  /** Starts it again after a `stop`, on the same port, with what it has stored, by default as it was; leaves one alone that runs. */
  start(config?: string): Promise<void>;
  /** Ends it; by default at once, as a power loss does. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  remove(): Promise<void>;
}

/** Starts a nats-server and returns when it answers. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const { address = "127.0.0.1", jetstream = false } = options;
  const port = options.port ?? (await freePort(address));
  const directory = await mkdtemp(join(tmpdir(), "homelab-deploy-nats-"));
  const [file, log] = [join(directory, "server.conf"), join(directory, "log")];
  let child: ChildProcess | undefined;

  const stop = async (signal: NodeJS.Signals = "SIGKILL") => {
    const running = child;
    child = undefined;
    if (!isRunning(running)) return;
    running.kill(signal);
    await once(running, "exit");
  };
  let current = options.config ?? "";
  const start = async (config = current) => {
    if (isRunning(child)) return;
    current = config;
    const own = [`host: "${address}"`, `port: ${port}`, `log_file: "${log}"`];
    if (jetstream) own.push(`jetstream { store_dir: "${join(directory, "jetstream")}" }`);
    await writeFile(file, `${[...own, config].join("\n")}\n`);
    child = spawn("nats-server", ["--config", file], { stdio: "ignore" });
    const ended = once(child, "exit").then(() => true);
    const end = performance.now() + START_MILLISECONDS;
    while (!(await answers(address, port))) {
      if ((await Promise.race([ended, sleep(20, false)])) || performance.now() > end) {
        await stop();
        throw new Error(`nats-server does not start:\n${await readFile(log, "utf8").catch(() => config)}`);
      }
    }
  };
  const remove = async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  };
  await start().catch(async (error) => {
    await remove();
    throw error;
  });
  return {
    url: `nats://${address}:${port}`,
    port,
    directory,
    log: () => readFile(log, "utf8"),
    start,
    stop,
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

/** Starts `size` servers that are a cluster with JetStream, and returns when each answers. */
export async function startNatsCluster(
  size: number,
  { address = "127.0.0.1", config = "" } = {},
): Promise<NatsServer[]> {
  const ports = await Promise.all(Array.from({ length: size }, () => freePort(address)));
  const routes = ports.map((port) => `nats://${address}:${port}`).join(", ");
  const started = await Promise.allSettled(
    ports.map((port, index) => {
      const cluster = `cluster { name: test, listen: "${address}:${port}", routes: [ ${routes} ] }`;
      const own = `server_name: n${index + 1}\n${cluster}\n${config}`;
      return startNatsServer({ address, config: own, jetstream: true });
    }),
  );
  const servers = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = started.find((one) => one.status === "rejected");
  if (failed === undefined) return servers;
  await Promise.all(servers.map((server) => server.remove()));
  throw failed.reason;
}

function isRunning(child: ChildProcess | undefined): child is ChildProcess {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, "listening");
  const bound = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return bound.port;
}

async function answers(address: string, port: number): Promise<boolean> {
  const socket = createConnection(port, address);
  return new Promise((resolve) => {
    socket.once("data", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}
