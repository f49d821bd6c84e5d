import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type HostInfo,
  type NatsServer,
  startNatsServer,
  type Testbed,
  temporaryTestbed,
} from "@homelab-deploy/testbed";
import { connect, type NatsConnection, nkeyAuthenticator, nkeys } from "nats";
import { afterAll, beforeAll } from "vitest";
import { bundleCommand } from "../../../cli/build.ts";

const command = "/opt/homelab-deploy";
const service = "homelab-deploy-listener";

/** Real hosts without an SSH server, whose listeners reach a nats-server with JetStream, and a key that they trust. */
export function useListeners(...names: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), "listeners-test-"));
  const file = (name: string) => join(directory, name);
  const user = nkeys.createUser();
  const seed = new TextDecoder().decode(user.getSeed());
  const nix = (args: string[], input = "") => execFileSync("nix", args, { input, encoding: "utf8" });
  const signingKey = nix(["key", "generate-secret", "--key-name", "homelab-1"]).trim();
  const publicKey = nix(["key", "convert-secret-to-public"], signingKey).trim();
  let hosts: readonly HostInfo[] = [];
  let testbed: Testbed | undefined;
  let server: NatsServer | undefined;
  let connection: NatsConnection | undefined;

  const bed = () => {
    if (testbed === undefined) throw new Error("the hosts are not there yet");
    return testbed;
  };
  const shell = async (host: string, script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await bed().exec(host, ["sh", "-c", script]);
    if (exitCode !== 0) throw new Error(`${host}: ${script}: ${stderr}`);
    return stdout;
  };
  const listen = async (name: string) => {
    const root = `/proc/${await bed().leader(name)}/root${command}`;
    await mkdir(root);
    await copyFile(process.execPath, `${root}/node`);
    await copyFile(file("homelab-deploy.mjs"), `${root}/homelab-deploy.mjs`);
    await copyFile(file("nkey"), `${root}/nkey`);
    const flags = ["--hostname", name, "--tier", "test", "--nats-url", server?.url];
    const files = ["--nkey-file", `${command}/nkey`, "--flake-url", "git+file:///srv/configs"];
    const start = [
      `${command}/node`,
      "--lite-mode",
      `${command}/homelab-deploy.mjs`,
      "listener",
      ...flags,
      ...files,
    ].join(" ");
    // Of the machine, not of a system: it is there again after a boot.
    const unit = `[Service]
      ExecStart=${start}
      Restart=always
      RestartSec=1
      Environment=HOME=/root PATH=/run/current-system/sw/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
    await shell(
      name,
      `{ cat /etc/nix/nix.conf; echo 'extra-trusted-public-keys = ${publicKey}'; } >/tmp/nix.conf
      rm /etc/nix/nix.conf && mv /tmp/nix.conf /etc/nix/nix.conf
      systemctl stop ssh.socket ssh.service sshd.socket sshd.service nix-daemon.service 2>/dev/null
      units=/usr/lib/systemd/system
      printf '%s\\n' '${unit}' >$units/${service}.service
      ln -s ../${service}.service $units/multi-user.target.wants/
      systemctl daemon-reload && systemctl start ${service}
      for _ in $(seq 300); do journalctl -u ${service} | grep -q 'listening as' && exit; sleep 0.1; done
      journalctl -u ${service} >&2; exit 1`,
    );
  };

  beforeAll(async () => {
    writeFileSync(file("nkey"), seed, { mode: 0o600 });
    await bundleCommand(file("homelab-deploy.mjs"));
    testbed = await temporaryTestbed();
    hosts = await testbed.up(names);
    // This machine's own address in the network of the hosts.
    const address = hosts[0]?.address.replace(/[0-9]+$/, "1") ?? "";
    const config = `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`;
    server = await startNatsServer({ address, config, jetstream: true });
    await Promise.all(names.map(listen));
    const authenticator = nkeyAuthenticator(user.getSeed());
    connection = await connect({ servers: server.url, authenticator });
  });
  afterAll(async () => {
    await connection?.close();
    await server?.remove();
    await testbed?.down();
    rmSync(directory, { recursive: true });
  });

  return {
    bed,
    hosts: () => hosts,
    server: (): NatsServer => {
      if (server === undefined) throw new Error("the server is not there yet");
      return server;
    },
    /** Where the program and its key are on the hosts. */
    command,
    /** What the deployed system put into /etc/marker. */
    marker: (host: string) => shell(host, "cat /etc/marker"),
    shell,
    service,
    seed,
    signingKey,
    publicKey,
    /** Configuration of the provider that leads to the hosts. */
    reaching: (): Record<string, unknown> => ({
      "nixos:connection": { nats: { url: server?.url, nkeyFile: file("nkey"), tier: "test" } },
    }),
    /** How many messages were ever stored there: one for each object, and one for each of its chunks. */
    async messages(): Promise<number> {
      const manager = await connection?.jetstreamManager();
      return (await manager?.streams.info("OBJ_homelab-closures"))?.state.last_seq ?? 0;
    },
    /** Names, sizes and numbers of the objects in the store of closures. */
    async stored() {
      const store = await connection?.jetstream().views.os("homelab-closures");
      return ((await store?.list()) ?? []).map(({ name, size, nuid }) => ({ name, size, nuid }));
    },
  };
}
