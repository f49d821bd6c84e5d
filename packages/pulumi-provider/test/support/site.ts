import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Connection, evaluateFleet, type HostStatus, inspectHost } from "@homelab-deploy/core";
import {
  endProcesses,
  type HostInfo,
  Project,
  type PulumiResult,
  processesWith,
  type Testbed,
} from "@homelab-deploy/testbed";
import type { ResultPromise } from "execa";
import { flakeText, overrideInputs, yamlProject } from "./homelab.ts";

const { signal } = new AbortController();

// How long the hosts wait for a confirmation.
const confirmTimeout = "15s";

// Until somebody makes /var/lib/go-on on the host, and a minute at most.
const wait = "i=0; until [ -e /var/lib/go-on ] || [ $i = 600 ]; do i=$((i + 1)); sleep 0.1; done";

/** `slow` waits while it is activated, `hesitant` while it is committed; `big` has a file of 256 MiB in its closure. */
const modules = {
  slow: `{
    systemd.services.slow = {
      wantedBy = [ "multi-user.target" ];
      script = "${wait}";
      serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
    };
  }`,
  hesitant: `{ system.preSwitchChecks.wait = "if [ $2 = boot ]; then ${wait}; fi"; }`,
  big: `{ pkgs, ... }: {
    environment.etc.big.source = pkgs.runCommand "big" { } "dd if=/dev/zero of=$out bs=1M count=256";
  }`,
  plain: `{ environment.etc.marker.text = "plain"; }`,
};

export type SystemName = keyof typeof modules;

/** One real host with a stack of its own, whose only resource it is. */
export class Site implements AsyncDisposable {
  readonly #bed: Testbed;
  readonly host: HostInfo;
  readonly project: Project;

  static async open(bed: Testbed, name: string): Promise<Site> {
    const [host] = await bed.up([name]);
    const files = { ...yamlProject({}), "flake/flake.nix": flakeText(modules) };
    const project = await Project.create({ files, stack: "test", config: {} });
    const site = new Site(bed, host as HostInfo, project);
    await mkdir(site.#temporaryFiles);
    return site;
  }

  private constructor(bed: Testbed, host: HostInfo, project: Project) {
    this.#bed = bed;
    this.host = host;
    this.project = project;
  }

  /** Makes the program want `system`; returns its toplevel. */
  async want(system: SystemName): Promise<string> {
    const source = { flake: `path:${this.project.directory}/flake`, overrideInputs };
    const { hosts } = await evaluateFleet(source, { names: [system] }, { signal });
    const { toplevel, derivation } = hosts[system] ?? {};
    if (toplevel === undefined || derivation === undefined) throw new Error(`${system} does not evaluate`);
    await this.#program({ toplevel, derivation });
    return toplevel;
  }

  /** Takes the host into the stack as it is; returns what it runs. */
  async adopt(): Promise<string> {
    const { running } = await this.status();
    await this.#program({ toplevel: running });
    await this.mustRun("up", "--yes", "--skip-preview");
    return running;
  }

  /** Starts `pulumi up`. */
  start(): ResultPromise {
    return this.project.start(["up", "--yes", "--skip-preview"], this.#environment);
  }

  run(...args: string[]): Promise<PulumiResult> {
    return this.project.run(args, this.#environment);
  }

  /** Runs `pulumi ARGS`; throws with its output when it fails. */
  async mustRun(...args: string[]): Promise<PulumiResult> {
    const result = await this.run(...args);
    if (result.exitCode === 0) return result;
    throw new Error(`pulumi ${args.join(" ")}: ${result.stdout}${result.stderr}`);
  }

  /** What the host says of itself, asked over SSH as the product asks. */
  status(): Promise<HostStatus> {
    return inspectHost(this.host.name, this.#connection, { signal });
  }

  /** Runs a shell script on the host's console, for which it needs neither network nor sshd; returns what it says. */
  async shell(script: string): Promise<string> {
    const argv = ["timeout", "60", "sh", "-c", script];
    const { exitCode, stdout, stderr } = await this.#bed.exec(this.host.name, argv, { timeout: 70_000 });
    if (exitCode === 0) return stdout;
    throw new Error(`exit status ${exitCode} on ${this.host.name}: ${script}\n${stdout}${stderr}`);
  }

  /** The host's generations, with the time at which each was made. */
  profileLinks(): Promise<string> {
    return this.shell("ls -l --time-style=full-iso /nix/var/nix/profiles");
  }

  /** What a deployment that has ended left on the host: lock, units, garbage collector roots. */
  guardLeftovers(): Promise<string> {
    return this.shell(`{
      ls /run/homelab-deploy | grep -vx begin.lock
      systemctl list-units --all --plain --no-legend 'homelab-activate-*'
      ls /nix/var/nix/gcroots/homelab-deploy | grep -vx guard
    } 2>/dev/null || true`);
  }

  /** Power is lost and comes back. */
  async restart(): Promise<void> {
    await this.#bed.kill(this.host.name);
    await this.#bed.boot(this.host.name);
  }

  cutNetwork(): Promise<void> {
    return this.#bed.cut(this.host.name);
  }

  healNetwork(): Promise<void> {
    return this.#bed.heal(this.host.name);
  }

  /** Kills everything that runs here for this stack. */
  killAll(): Promise<void> {
    return endProcesses(this.project.ownFiles);
  }

  /** What runs here for this stack, and the plugin's temporary files. */
  async leftovers(): Promise<string[]> {
    const processes = await processesWith(this.project.ownFiles);
    return [...processes.values(), ...(await readdir(this.#temporaryFiles))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killAll();
    await this.#bed.down([this.host.name]);
    await this.project[Symbol.asyncDispose]();
  }

  get #environment() {
    return { env: { TMPDIR: this.#temporaryFiles } };
  }

  get #temporaryFiles(): string {
    return join(this.project.ownFiles, "tmp");
  }

  get #connection(): Connection {
    const { address, identityFile, hostKey } = this.host;
    return { ssh: { host: address, identityFile, hostKey } };
  }

  #program(wanted: { toplevel: string; derivation?: string }): Promise<void> {
    const properties = { ...wanted, connection: this.#connection, rollback: { confirmTimeout } };
    const resources = { [this.host.name]: { type: "nixos:Host", properties } };
    return this.project.write(yamlProject({ resources }));
  }
}
