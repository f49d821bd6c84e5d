import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ObjectStore } from "@homelab-deploy/core/nats";

// Asked before the host's own substituters: 50 unless they say so, 40 cache.nixos.org.
const cacheInfo = "StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 10\n";
const objectName = /^\/([0-9a-z]{32}\.narinfo|nar\/[0-9a-z]+\.nar\.[a-z0-9]+)$/;

export interface ClosureServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves the objects of `store` as a binary cache, to this machine alone. */
export async function serveClosures(store: ObjectStore): Promise<ClosureServer> {
  const server = createServer((request, response) => {
    answer(store, request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

// What cannot be read to its end is cut off: Nix asks again.
async function answer(
  store: ObjectStore,
  { url, method }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (url === "/nix-cache-info") return void response.end(cacheInfo);
  const name = objectName.exec(url ?? "")?.[1];
  const info = name === undefined ? undefined : await store.info(name, { expected: true });
  if (info === undefined || (method !== "GET" && method !== "HEAD")) {
    return void response.writeHead(404).end();
  }
  response.writeHead(200, { "Content-Length": info.size });
  if (method === "HEAD") return void response.end();
  await pipeline(Readable.from(store.read(info)), response);
}
