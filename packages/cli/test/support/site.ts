import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connectNats, eventStream, eventSubjects } from "@homelab-deploy/core/nats";
import {
  type HostInfo,
  type NatsServer,
  startNatsServer,
  type Testbed,
  temporaryTestbed,
} from "@homelab-deploy/testbed";
import { nkeys } from "nats";
import { bundleCommand } from "../../build.ts";
import { packConfigs } from "./configs.ts";
import { confinement } from "./confinement.ts";

const command = "/opt/homelab-deploy";

export interface Site {
  readonly bed: Testbed;
  readonly hosts: readonly HostInfo[];
  readonly server: NatsServer;
  /** File with the seed of the one user of the server. */
  readonly nkeyFile: string;
  /** Makes the server keep what deployments tell. */
  keepEvents(): Promise<void>;
  /** Runs a shell script on a host's console; returns what it says. */
  shell(host: string, script: string): Promise<string>;
  /** Starts the listener of a host as a service of its systemd, as confined as NixOS runs it; returns when it listens. */
  listen(host: string, ...flags: string[]): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Test hosts with the command, Git, and a repository of their configurations, and a nats-server that they reach; `users` are more of
 * its users, as its configuration has them.
 */
export async function openSite(
  names: readonly string[],
  branches: Readonly<Record<string, string>>,
  users: readonly string[] = [],
): Promise<Site> {
  const directory = mkdtempSync(join(tmpdir(), "homelab-site-"));
  const user = nkeys.createUser();
  const nkeyFile = join(directory, "nkey");
  writeFileSync(nkeyFile, new TextDecoder().decode(user.getSeed()), { mode: 0o600 });
  const bundle = join(directory, "homelab-deploy.mjs");
  const configs = packConfigs(names, branches);
  await bundleCommand(bundle);
  const confined = confinement(`${command}/nkey`).map((line) => `--property=${line}`);
  const bed = await temporaryTestbed();
  const hosts = await bed.up(names);
  const address = hosts[0]?.gateway ?? "";
  const server = await startNatsServer({
    address,
    jetstream: true,
    config: `authorization { users: [ ${[`{ nkey: ${user.getPublicKey()} }`, ...users].join(", ")} ] }`,
  });
  const shell = async (host: string, script: string) => {
    const { exitCode, stdout, stderr } = await bed.exec(host, ["sh", "-c", script]);
    if (exitCode !== 0) throw new Error(`${host}: ${script}: ${stderr}`);
    return stdout;
  };
  const prepare = async (host: string) => {
    await bed.put(host, process.execPath, `${command}/node`);
    await bed.put(host, bundle, `${command}/homelab-deploy.mjs`);
    await bed.put(host, nkeyFile, `${command}/nkey`);
    await bed.put(host, "/usr/bin/git", "/usr/local/bin/git");
    await bed.put(host, configs, "/srv/configs.tar");
    await shell(
      host,
      "ln -sf git /usr/local/bin/git-upload-pack && tar --extract --file /srv/configs.tar --directory /srv",
    );
    await shell(host, "chown -R root: /srv/configs");
  };
  await Promise.all(names.map(prepare));
  return {
    bed,
    hosts,
    server,
    nkeyFile,
    async keepEvents() {
      const nats = await connectNats({
        url: server.url,
        nkeyFile,
        name: "test",
        signal: new AbortController().signal,
      });
      const manager = await nats.connection.jetstreamManager();
      await manager.streams.add({ name: eventStream, subjects: [eventSubjects], allow_direct: true });
      await nats.close();
    },
    shell,
    async listen(host, ...flags) {
      const argv = [
        ...[
          `${command}/node`,
          "--lite-mode",
          `${command}/homelab-deploy.mjs`,
          "listener",
          "--hostname",
          host,
        ],
        ...["--nats-url", server.url, "--nkey-file", "$CREDENTIALS_DIRECTORY/nkey"],
        ...["--flake-url", "git+file:///srv/configs", ...flags],
      ];
      const unit = ["--unit=homelab-deploy-listener", ...confined];
      const path = "--setenv=PATH=/run/current-system/sw/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
      const script = `exec ${argv.join(" ")}`;
      const started = await bed.exec(host, ["systemd-run", "--quiet", ...unit, path, "sh", "-c", script]);
      if (started.exitCode !== 0) throw new Error(`${host}: the listener was not started: ${started.stderr}`);
      await shell(
        host,
        "for _ in $(seq 100); do journalctl _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID homelab-deploy-listener) | " +
          "grep -q 'listening as' && exit; sleep 0.1; done; journalctl -u homelab-deploy-listener >&2; exit 1",
      );
    },
    async remove() {
      await server.remove();
      await bed.down();
      rmSync(directory, { recursive: true });
      rmSync(dirname(configs), { recursive: true });
    },
  };
}
