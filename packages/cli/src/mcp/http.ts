import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DeployError } from "@homelab-deploy/core";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

const path = "/mcp";
// Sessions of clients that went away without a word; the oldest makes room.
const mostSessions = 50;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Parses `[host:]port`; throws `invalid-input`. */
export function parseAddress(text: string): Address {
  const [, host = "127.0.0.1", port] =
    /^(?:(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):)?([0-9]{1,5})$/.exec(text) ?? [];
  if (port !== undefined && Number(port) <= 65535) {
    return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
  }
  throw new DeployError(
    "invalid-input",
    `--http: not an address: ${JSON.stringify(text)} (such as 127.0.0.1:8080)`,
  );
}

interface Options {
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Serves MCP over streamable HTTP until `signal` is aborted; each session has a server of its own. */
export async function serveHttp(
  { host, port }: Address,
  makeServer: () => McpServer,
  { log, signal }: Options,
): Promise<void> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const http = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      log(`http: ${error.message}`);
      response.destroy();
    });
  });

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isLocal(request, address.port, isLoopback(host)))
      return refuse(response, 403, "the request is from another site");
    if (new URL(request.url ?? "/", "http://localhost").pathname !== path)
      return refuse(response, 404, `only ${path} is here`);
    const session = request.headers["mcp-session-id"];
    const known = typeof session === "string" ? sessions.get(session) : undefined;
    if (session !== undefined && known === undefined)
      return refuse(response, 404, "there is no such session");
    await (known ?? (await begin())).handleRequest(request, response);
  };

  const begin = async () => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        sessions.set(id, transport);
        const [oldest] = sessions;
        if (sessions.size > mostSessions) void oldest?.[1].close();
      },
    });
    transport.onclose = () => void sessions.delete(transport.sessionId ?? "");
    // Its optional callbacks may be undefined, which the interface does not say.
    await makeServer().connect(transport as Parameters<McpServer["connect"]>[0]);
    return transport;
  };

  http.listen(port, host);
  await once(http, "listening").catch((error: Error) => {
    throw new DeployError("invalid-input", `--http: ${error.message}`, { cause: error });
  });
  const address = http.address() as AddressInfo;
  const shown = address.family === "IPv6" ? `[${address.address}]` : address.address;
  log(`serving on http://${shown}:${address.port}${path}`);
  if (!isLoopback(host))
    log("whoever reaches this address can deploy: put a proxy that knows its users before it");
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  http.close();
  await Promise.all([...sessions.values()].map((session) => session.close()));
  http.closeAllConnections();
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

// A page in a browser must not use the tools: neither under its own name, nor under one that leads here.
function isLocal({ headers }: IncomingMessage, port: number, loopback: boolean): boolean {
  const names = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${port}`);
  const { host = "", origin } = headers;
  if (loopback && !names.includes(host)) return false;
  return (
    origin === undefined ||
    (loopback ? names : [host]).some((name) => origin === `http://${name}` || origin === `https://${name}`)
  );
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { "Content-Type": "text/plain" }).end(`${reason}\n`);
}
