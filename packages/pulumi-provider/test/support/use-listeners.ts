import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectedNats, ObjectStore } from "@homelab-deploy/core/nats";
import { type HostInfo, type NatsServer, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, beforeAll } from "vitest";
import { bundleCommand } from "../../../cli/build.ts";
import { confinement } from "../../../cli/test/support/confinement.ts";
import { type NatsSite, startNatsSite } from "../../../cli/test/support/nats-site.ts";

const command = "/opt/homelab-deploy";
const service = "homelab-deploy-listener";
const bucket = "homelab-closures";

/**
 * Real hosts without an SSH server, whose listeners are confined as NixOS runs them and reach a nats-server that is configured by
 * `nats-config`; and a key that they trust.
 */
export function useListeners(...names: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), "listeners-test-"));
  const file = (name: string) => join(directory, name);
  const nix = (args: string[], input = "") => execFileSync("nix", args, { input, encoding: "utf8" });
  const signingKey = nix(["key", "generate-secret", "--key-name", "homelab-1"]).trim();
  const publicKey = nix(["key", "convert-secret-to-public"], signingKey).trim();
  let hosts: readonly HostInfo[] = [];
  let testbed: Testbed | undefined;
  let nats: NatsSite | undefined;
  let deployer: ConnectedNats | undefined;

  const bed = () => {
    if (testbed === undefined) throw new Error("the hosts are not there yet");
    return testbed;
  };
  const shell = async (host: string, script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await bed().exec(host, ["sh", "-c", script]);
    if (exitCode !== 0) throw new Error(`${host}: ${script}: ${stderr}`);
    return stdout;
  };
  const site = () => {
    if (nats === undefined) throw new Error("the server is not there yet");
    return nats;
  };
  const listen = async (name: string, confined: readonly string[]) => {
    const root = `/proc/${await bed().leader(name)}/root${command}`;
    await mkdir(root);
    await copyFile(process.execPath, `${root}/node`);
    await copyFile(file("homelab-deploy.mjs"), `${root}/homelab-deploy.mjs`);
    await copyFile(site().keyFile(`hosts/${name}`), `${root}/nkey`);
    const flags = ["--hostname", name, "--tier", "test", "--nats-url", site().server.url];
    const files = ["--nkey-file", "$CREDENTIALS_DIRECTORY/nkey", "--flake-url", "git+file:///srv/configs"];
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
      ExecStart=/bin/sh -c "exec ${start}"
      ${confined.join("\n      ")}
      Environment=PATH=/run/current-system/sw/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
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
    await bundleCommand(file("homelab-deploy.mjs"));
    testbed = await temporaryTestbed();
    hosts = await testbed.up(names);
    // This machine's own address in the network of the hosts.
    const address = hosts[0]?.address.replace(/[0-9]+$/, "1") ?? "";
    const users = [
      `hosts: { ${names.map((name) => `${name}: { tier: test }`).join(", ")} }`,
      "deployers: { anna: { tier: test } }",
      "admins: { alice: }",
    ];
    nats = await startNatsSite(users.join("\n"), address);
    const confined = confinement(`${command}/nkey`);
    await Promise.all(names.map((name) => listen(name, confined)));
    deployer = await nats.connect("deployers/anna");
  });
  afterAll(async () => {
    await nats?.[Symbol.asyncDispose]();
    await testbed?.down();
    rmSync(directory, { recursive: true });
  });

  return {
    bed,
    hosts: () => hosts,
    server: (): NatsServer => site().server,
    /** Where the program and its key are on the hosts. */
    command,
    /** What the deployed system put into /etc/marker. */
    marker: (host: string) => shell(host, "cat /etc/marker"),
    shell,
    service,
    /** The secret of the user who deploys. */
    seed: () => readFileSync(site().keyFile("deployers/anna"), "utf8").trim(),
    signingKey,
    publicKey,
    /** Configuration of the provider that leads to the hosts. */
    reaching: (): Record<string, unknown> => ({
      "nixos:connection": {
        nats: { url: site().server.url, nkeyFile: site().keyFile("deployers/anna"), tier: "test" },
      },
    }),
    /** How many messages were ever stored there: one for each object, and one for each of its chunks. */
    async messages(): Promise<number> {
      return (await streamOf(bucket))?.state.last_seq ?? 0;
    },
    /** Names, sizes and numbers of the objects in the store of closures. */
    async stored() {
      const encoded = Object.keys((await streamOf(bucket))?.state.subjects ?? {});
      const names = encoded.map((subject) =>
        Buffer.from(subject.split(".").at(-1) ?? "", "base64url").toString(),
      );
      const store = deployer && new ObjectStore(deployer, bucket);
      return Promise.all(names.map(async (name) => ({ name, ...(await store?.info(name)) })));
    },
  };

  // As a deployer may, who lists no objects.
  async function streamOf(name: string) {
    const manager = await deployer?.connection.jetstreamManager({ checkAPI: false });
    return manager?.streams.info(`OBJ_${name}`, { subjects_filter: `$O.${name}.M.>` });
  }
}
