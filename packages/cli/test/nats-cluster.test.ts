import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSigningKey, MemoryHost, openHost, parseStorePath, publicKeyOf } from "@homelab-deploy/core";
import {
  type ConnectedNats,
  connectNats,
  readWanted,
  storeWanted,
  type Wanted,
} from "@homelab-deploy/core/nats";
import { type NatsServer, startNatsCluster } from "@homelab-deploy/testbed";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Activity } from "../src/listener/activity.ts";
import { serveHost } from "../src/listener/serve-host.ts";
import { runCli } from "./support/run-cli.ts";
import { makePath, storeAt } from "./support/stores.ts";

const { signal } = new AbortController();
const system = parseStorePath("/nix/store/kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-nixos-system-web01-25.05");
const web01 = { tier: "test", host: "web01" };

describe("a cluster of three NATS servers", () => {
  const directory = mkdtempSync(join(tmpdir(), "nats-cluster-test-"));
  const key = join(directory, "key");
  const stop = new AbortController();
  let servers: readonly NatsServer[] = [];
  let nats: ConnectedNats;
  let publicKey: string;

  const urls = () => servers.map(({ url }) => url);
  const connect = (given: AbortSignal) => connectNats({ url: urls(), name: "test", signal: given });
  const infoOf = async (stream: string) => (await nats.connection.jetstreamManager()).streams.info(stream);
  /** The server that decides what the stream holds. */
  const leaderOf = async (stream: string) => {
    const leader = (await infoOf(stream)).cluster?.leader ?? "";
    return servers[Number(leader.slice(1)) - 1] as NatsServer;
  };
  const reach = () => openHost("web01", { nats: { url: urls(), tier: "test" } });
  const store = () => storeAt(join(directory, "web01"), publicKey);

  beforeAll(async () => {
    const secret = await generateSigningKey("homelab-1", signal);
    writeFileSync(key, secret);
    publicKey = await publicKeyOf(secret, signal);
    servers = await startNatsCluster(3);
    nats = await connect(signal);
    const options = { check: () => {}, log: () => {}, signal: stop.signal, activity: new Activity() };
    const machine = new MemoryHost("web01", system);
    await serveHost({ nats, connect, machine, store: store(), ...web01, ...options });
  });
  afterAll(async () => {
    stop.abort();
    await nats?.close();
    await Promise.all(servers.map((server) => server.remove()));
    await execa("chmod", ["-R", "u+w", directory]);
    rmSync(directory, { recursive: true });
  });

  it("keeps closures on all of them, and goes on with a copy when the one that leads is killed", async () => {
    await using host = reach();
    const copy = (toplevel: Awaited<ReturnType<typeof makePath>>, onProgress = () => {}) =>
      host.copy(toplevel, { signal, signingKeyFile: key, onProgress });
    await copy(await makePath("small", "", 1));
    expect((await infoOf("OBJ_homelab-closures")).config.num_replicas).toBe(3);
    const leader = await leaderOf("OBJ_homelab-closures");
    const toplevel = await makePath("large", "", 60_000);
    let killed: Promise<void> | undefined;
    await copy(toplevel, () => {
      killed ??= leader.stop();
    });
    await killed;
    expect(killed).toBeDefined();
    expect(await store().missing([toplevel], { signal })).toEqual([]);
    await leader.start();
  });

  it("keeps the stores of a tier on all of them, as nats-config apply makes them", async () => {
    const [file, keys] = [join(directory, "nats.yaml"), join(directory, "keys")];
    writeFileSync(
      file,
      "jetstream: {}\nhosts: { web01: { tier: prod } }\ndeployers: { ci: { tier: prod } }\nadmins: { alice: }\n",
    );
    const { stdout } = await runCli("nats-config", file, "--generate-keys", keys);
    // Each server has its own address, and its own place for what it stores.
    const config = stdout.replace(/^listen: .*$/m, "").replace(/^jetstream \{[^}]*\}$/m, "");
    const own = await startNatsCluster(3, { config });
    try {
      const reaching = ["--nats-url", own.map(({ url }) => url).join(",")];
      const flags = [...reaching, "--nkey-file", join(keys, "admins/alice.nkey")];
      const applied = await runCli("nats-config", "apply", file, ...flags);
      expect(applied, applied.stderr).toMatchObject({ status: 0 });
      const servers = own.map(({ url }) => url);
      const nkeyFile = join(keys, "admins/alice.nkey");
      const admin = await connectNats({ url: servers, name: "alice", nkeyFile, signal });
      const manager = await admin.connection.jetstreamManager({ apiPrefix: "JS.prod.API", checkAPI: false });
      for (const stream of ["OBJ_homelab-closures", "KV_homelab-wanted", "homelab-events"])
        expect((await manager.streams.info(stream)).config.num_replicas).toBe(3);
      await admin.close();
    } finally {
      await Promise.all(own.map((server) => server.remove()));
    }
  });

  it("keeps what a host shall become, also while one of them is down", async () => {
    const wanted = (id: string): Wanted => ({
      id,
      toplevel: system,
      goal: "switch",
      rollback: {},
      by: "test",
      at: Date.now(),
      expires: Date.now() + 60_000,
    });
    await storeWanted(nats, web01, wanted("00000000-first"));
    expect((await infoOf("KV_homelab-wanted")).config.num_replicas).toBe(3);
    await (await leaderOf("KV_homelab-wanted")).stop();
    await storeWanted(nats, web01, wanted("00000000-second"));
    await expect
      .poll(async () => (await readWanted(nats, web01, () => {}))?.id, { timeout: 20_000 })
      .toBe("00000000-second");
  });
});
