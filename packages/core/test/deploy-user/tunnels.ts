import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { Site } from "./site.ts";

interface Service {
  readonly address?: string;
  readonly port?: number;
  readonly path?: string;
  readonly asks: string;
}

type User = "root" | "deploy";

/** What a service on the host answers through a forwarding that `user` asks ssh for. */
export async function throughForward(site: Site, flag: "-W" | "-L" | "-D", service: Service, user: User) {
  const there = service.path ?? `${service.address}:${service.port}`;
  if (flag === "-W") {
    return (await start(site, user, ["-W", there], { input: service.asks })).stdout;
  }
  const here = join(await mkdtemp(join(tmpdir(), "forward-")), "socket");
  const port = await freePort();
  const forward = flag === "-D" ? String(port) : `${here}:${there}`;
  const client = start(site, user, ["-N", flag, forward]);
  try {
    const open = () => (flag === "-D" ? connect(port, "127.0.0.1") : connect(here));
    const socket = await connected(open);
    if (flag === "-D") await socks(socket, service);
    return await answer(socket, service.asks);
  } finally {
    client.kill();
    await client;
    await rm(join(here, ".."), { recursive: true });
  }
}

/** The agent's socket on the host while a session of `user` with a forwarded agent lasts. */
export async function withAgent(site: Site, user: User): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "agent-"));
  const agent = join(directory, "socket");
  const server = createServer((socket) => socket.destroy()).listen(agent);
  await once(server, "listening");
  const client = start(site, user, ["-A"], { command: "cat", agent });
  try {
    // The session stands when cat gives back what it was given.
    client.stdin?.write("up\n");
    await once(client.stdout as NodeJS.ReadableStream, "data");
    return await site.onHost(
      "sh",
      "-c",
      "find /tmp /root /run -name 'agent.*' -o -name '*.agent.*' 2>/dev/null",
    );
  } finally {
    client.stdin?.end();
    await client;
    server.close();
    await rm(directory, { recursive: true });
  }
}

interface Session {
  readonly input?: string;
  readonly command?: string;
  readonly agent?: string;
}

function start(site: Site, user: User, flags: readonly string[], { input, command, agent }: Session = {}) {
  const options = site.options(user === "root" ? site.host.identityFile : undefined, agent);
  const words = command === undefined ? [] : [command];
  const argv = [...options, ...flags, `${user}@${site.host.address}`, ...words];
  const stdin = input === undefined ? ({ stdin: "pipe" } as const) : { input };
  return execa("ssh", argv, { ...stdin, reject: false, timeout: 20_000, killDescendants: true });
}

// ssh takes a moment to log in, and listens only then.
async function connected(open: () => Socket): Promise<Socket> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = open();
    socket.on("error", () => {});
    try {
      await once(socket, "connect");
      return socket;
    } catch {
      socket.destroy();
      await sleep(100);
    }
  }
  throw new Error("ssh does not listen");
}

// RFC 1928: no authentication, then CONNECT to an IPv4 address.
async function socks(socket: Socket, { address = "", port = 0 }: Service): Promise<void> {
  socket.write(Uint8Array.of(5, 1, 0));
  await once(socket, "data");
  socket.write(Uint8Array.of(5, 1, 0, 1, ...address.split(".").map(Number), port >> 8, port & 255));
  await Promise.race([once(socket, "data"), closed(socket)]);
}

async function answer(socket: Socket, asks: string): Promise<string> {
  let text = "";
  socket.on("data", (data) => {
    text += data.toString("latin1");
  });
  if (!socket.destroyed) socket.write(asks);
  await Promise.race([closed(socket), sleep(3000)]);
  socket.destroy();
  return text;
}

// What once() makes an error of is an answer here: ssh resets what it may not forward.
function closed(socket: Socket): Promise<unknown> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", resolve));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
