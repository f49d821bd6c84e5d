import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostInfo, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { execa } from "execa";
import { createBuilder, deploy, evaluateFleet, type StorePath } from "../../src/index.ts";

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  /** Standard output and standard error. */
  readonly text: string;
}

interface Sent {
  readonly input?: string;
  readonly env?: Record<string, string>;
  /** Milliseconds; 30 seconds unless said otherwise. */
  readonly timeout?: number;
}

/** What an attack tries to leave behind on the host. */
export const marker = "/tmp/pwned";
export const installed = "/run/current-system/sw/bin/homelab-activate";

/** A host with the deploy user, and everything that whoever stole that user's key can do from elsewhere. */
export class Site implements AsyncDisposable {
  readonly bed: Testbed;
  readonly host: HostInfo;
  readonly directory: string;
  readonly systems: Readonly<Record<string, StorePath>>;

  private constructor(bed: Testbed, host: HostInfo, directory: string, systems: Record<string, StorePath>) {
    this.bed = bed;
    this.host = host;
    this.directory = directory;
    this.systems = systems;
  }

  /** Makes keys and a host, and deploys the system `one` to it as root, who needs no signature. */
  static async create(): Promise<Site> {
    const directory = await mkdtemp(join(tmpdir(), "homelab-deploy-user-"));
    const bed = await temporaryTestbed();
    const [[host], systems] = await Promise.all([bed.up(["web01"]), buildSystems(directory)]);
    const site = new Site(bed, host as HostInfo, directory, systems);
    await writeFile(join(directory, "known_hosts"), `${site.host.address} ${site.host.hostKey}\n`);
    const { address, identityFile, hostKey } = site.host;
    const connection = { ssh: { host: address, identityFile, hostKey } };
    const request = {
      name: "web01",
      connection,
      toplevel: systems.one as StorePath,
      goal: "switch",
      rollback: {},
    };
    const { signal } = new AbortController();
    await deploy(request as Parameters<typeof deploy>[0], {
      builder: createBuilder(),
      signal,
      onEvent: () => {},
    });
    return site;
  }

  /** Runs `argv` as root on the host, over its console. */
  async onHost(...argv: string[]): Promise<string> {
    const { stdout } = await this.bed.exec("web01", argv);
    return stdout.trim();
  }

  /** OpenSSH's client with `options`, then the host, then `command`; the key alone, no configuration, no agent. */
  ssh(options: readonly string[], command?: string, sent: Sent = {}): Promise<Answer> {
    return run(
      ["ssh", ...this.options(), ...options, this.login, ...(command === undefined ? [] : [command])],
      sent,
    );
  }

  /** The guard as the deploy user's key reaches it. */
  guard(words: string, sent: Sent = {}): Promise<Answer> {
    return this.ssh([], `sudo -n -- ${installed} ${words}`, sent);
  }

  /** Nix with the host's store as `$store`. */
  nix(argv: readonly string[], sent: Sent = {}): Promise<Answer> {
    const env = { NIX_SSHOPTS: this.options().join(" "), ...sent.env };
    const words = argv.map((word) => word.replace("$store", `ssh-ng://${this.login}`));
    return run(["nix", "--extra-experimental-features", "nix-command", ...words], { ...sent, env });
  }

  /** Copies `path` as root, who takes anything. */
  async put(path: string, ...flags: string[]): Promise<void> {
    const env = { NIX_SSHOPTS: this.options(this.host.identityFile).join(" ") };
    const copy = ["nix", "--extra-experimental-features", "nix-command", "copy", "--no-check-sigs", ...flags];
    const { exitCode, text } = await run([...copy, "--to", `ssh-ng://root@${this.host.address}`, path], {
      env,
    });
    if (exitCode !== 0) throw new Error(text);
  }

  get login(): string {
    return `deploy@${this.host.address}`;
  }

  options(identity = this.key("deploy"), agent = "none"): string[] {
    const options = [
      `UserKnownHostsFile=${join(this.directory, "known_hosts")}`,
      "StrictHostKeyChecking=yes",
      "BatchMode=yes",
      "IdentitiesOnly=yes",
      `IdentityAgent=${agent}`,
      "ConnectTimeout=10",
      `IdentityFile=${identity}`,
    ];
    return ["-F", "none", ...options.flatMap((option) => ["-o", option])];
  }

  key(name: string): string {
    return join(this.directory, name);
  }

  /** A request to `begin`. */
  request(to: string, changes: Readonly<Record<string, string | number>> = {}): string {
    const request = {
      id: `attack-${Date.now()}`,
      token: "x".repeat(32),
      to,
      goal: "test",
      by: "attacker",
      ...changes,
    };
    const lines = Object.entries({ revision: "", confirmTimeout: 30, activationTimeout: 60, ...request });
    return lines.map(([key, value]) => `${key}=${value}\n`).join("");
  }

  /** What must be the same after every attack: nobody's marker, no deployment, the same profiles and system. */
  async traces(): Promise<string> {
    const look = `ls -d ${marker}* /tmp/.X11-unix/* /tmp/ssh-* /var/tmp/* 2>/dev/null
      readlink /run/current-system; ls -l --time-style=full-iso /nix/var/nix/profiles
      ls /run/homelab-deploy; ls /var/lib/homelab-deploy/deployments; stat -c %Y%n /etc/shadow /etc/passwd /etc/sudoers`;
    return this.onHost("sh", "-c", look);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bed.down();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Runs `argv` to its end, whatever that is; never with this machine's own SSH agent. */
export async function run(
  argv: readonly string[],
  { input = "", env = {}, timeout = 30_000 }: Sent = {},
): Promise<Answer> {
  const [file = "", ...args] = argv;
  const options = { input, env, timeout, reject: false, killDescendants: true } as const;
  const { exitCode = 1, stdout, stderr } = await execa(file, args, options);
  return { exitCode, stdout, text: `${stdout}\n${stderr}` };
}

async function buildSystems(directory: string): Promise<Record<string, StorePath>> {
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ci", "-f", join(directory, "deploy")]);
  const ours = await signingKey(directory, "homelab-1");
  const cacheKey = await signingKey(directory, "cache-1");
  await signingKey(directory, "wrong-1");
  await signingKey(directory, "forged-1", "homelab-1");
  const key = (await readFile(join(directory, "deploy.pub"), "utf8")).trim();
  const text = `import ${join(import.meta.dirname, "systems.nix")} {
    keys = [ "${key}" ]; trustedKeys = [ "${ours}" ]; cacheKey = "${cacheKey}";
  }`;
  const file = join(directory, "default.nix");
  await writeFile(file, text);
  const { signal } = new AbortController();
  const builder = createBuilder();
  const fleet = await evaluateFleet({ file }, { names: ["one", "two"] }, { signal });
  const built = Object.values(fleet.hosts).map(async ({ name, toplevel, derivation, evaluationError }) => {
    if (toplevel === undefined || derivation === undefined) throw new Error(`${name}: ${evaluationError}`);
    await builder.build({ toplevel, derivation }, { signal, onEvent: () => {} });
    return [name, toplevel] as const;
  });
  return Object.fromEntries(await Promise.all(built));
}

/** Makes a signing key in a file; returns its public key. */
async function signingKey(directory: string, file: string, name = file): Promise<string> {
  const nix = ["nix", "--extra-experimental-features", "nix-command", "key"];
  const secret = (await run([...nix, "generate-secret", "--key-name", name])).text.trim();
  await writeFile(join(directory, file), secret, { mode: 0o600 });
  return (await run([...nix, "convert-secret-to-public"], { input: secret })).text.trim();
}
