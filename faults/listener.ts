import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, inspectHost } from "@homelab-deploy/core";
import { type HostInfo, type NatsServer, startNatsCluster, type Testbed } from "@homelab-deploy/testbed";
import { nkeys } from "nats";
import { bundleCommand } from "../packages/cli/build.ts";
import { listenerProgram } from "./systems.ts";

const place = "/opt/homelab-deploy";

/** The way to a host over NATS: a cluster of three servers of this machine, and what the host needs for its listener. */
export class Listener implements AsyncDisposable {
  readonly servers: readonly NatsServer[];
  readonly connection: Connection;
  readonly #host: string;

  /** Puts the program on the host's disk; the systems start it. */
  static async install(testbed: Testbed, { name, gateway }: HostInfo, directory: string): Promise<Listener> {
    const user = nkeys.createUser();
    const file = (base: string) => join(directory, base);
    await writeFile(file("nkey"), new TextDecoder().decode(user.getSeed()), { mode: 0o600 });
    await bundleCommand(file("homelab-deploy.mjs"));
    const config = `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`;
    const servers = await startNatsCluster(3, { address: gateway, config });
    const url = servers.map((server) => server.url);
    const flags = `--hostname ${name} --tier test --nats-url ${url} --nkey-file ${place}/nkey`;
    const start = `exec ${place}/node --lite-mode ${place}/homelab-deploy.mjs listener ${flags} --flake-url git+file:///srv/configs`;
    const path = "/run/current-system/sw/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
    await writeFile(file("listen"), `#!/bin/sh\nexport HOME=/root PATH=${path}\n${start}\n`);
    await chmod(file("listen"), 0o755);
    for (const base of ["nkey", "homelab-deploy.mjs"])
      await testbed.put(name, file(base), `${place}/${base}`);
    await testbed.put(name, process.execPath, `${place}/node`);
    await testbed.put(name, file("listen"), listenerProgram);
    return new Listener(name, servers, {
      nats: { url, nkeyFile: file("nkey"), tier: "test" },
    });
  }

  private constructor(host: string, servers: readonly NatsServer[], connection: Connection) {
    this.#host = host;
    this.servers = servers;
    this.connection = connection;
  }

  /** Settles when the listener answers, as after a restart of the host; a minute later all the same. */
  async answers(): Promise<void> {
    for (const start = performance.now(); performance.now() < start + 60_000; await sleep(200)) {
      const signal = AbortSignal.timeout(5000);
      const seen = inspectHost(this.#host, this.connection, { signal });
      if (
        await seen.then(
          () => true,
          () => false,
        )
      )
        return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server.remove()));
  }
}
