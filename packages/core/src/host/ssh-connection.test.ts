import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { SshConnector } from "./ssh-connection.ts";

const { signal } = new AbortController();

describe("a connection to a host that refuses it", () => {
  it("fails for every call alike, whichever call finds it out first", async () => {
    await using connector = new SshConnector("web01", { host: "127.0.0.1", port: await closedPort() });
    const call = (fresh: boolean) => connector.exec(["true"], { signal, timeout: 10_000, fresh });
    for (let round = 0; round < 5; round++) {
      const calls = await Promise.allSettled([call(true), call(false), call(true), call(false)]);
      for (const { status, reason } of calls as PromiseRejectedResult[]) {
        expect([status, reason]).toEqual(["rejected", expect.objectContaining({ code: "unreachable" })]);
      }
    }
  });
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
