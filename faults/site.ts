import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  endProcesses,
  type HostInfo,
  Project,
  type PulumiResult,
  pluginDirectory,
  processesWith,
} from "@homelab-deploy/testbed";
import type { ResultPromise } from "execa";
import { z } from "zod";
import { SmallBed } from "./bed.ts";
import { Controller } from "./controller.ts";
import { Listener } from "./listener.ts";
import { type Look, look } from "./look.ts";
import type { Deployer, Kind, System } from "./systems.ts";

/** How long the hosts wait for a confirmation, in seconds. */
export const confirmSeconds = 10;
/** How long an activation may take, in seconds. */
const activationLimit = 60;

/** What a stack's state says of its host. */
export interface State {
  readonly system?: string | undefined;
  readonly profile?: string | undefined;
  readonly bootDefault?: string | undefined;
}

/** One real host with a stack of its own, whose only resource it is. */
export class Site implements AsyncDisposable {
  static readonly #open = new Set<Site>();
  static #closing = false;
  readonly kind: Kind;
  readonly host: HostInfo;
  readonly controller: Controller;
  /** What the host runs when nothing is under way. */
  system: System | undefined;
  /** With what the host is deployed; root's key where it is absent. */
  deployer: Deployer | undefined;
  /** How long a deployment takes that nothing disturbs. */
  upSeconds = 0;
  /** The way to the host over NATS, for hosts that are deployed over it. */
  readonly listener: Listener | undefined;
  readonly #bed: SmallBed;
  readonly #project: Project;

  static async open(kind: Kind, name: string): Promise<Site> {
    if (Site.#closing) throw new Error("interrupted");
    await using undo = new AsyncDisposableStack();
    const bed = undo.use(await SmallBed.open());
    const [host] = await bed.testbed.up([name], { timeout: 300_000 });
    const project = undo.use(await Project.create({ files: program({}), stack: "test", config: {} }));
    const controller = await Controller.create(join(project.ownFiles, "controller"));
    const install = () => Listener.install(bed.testbed, host as HostInfo, project.ownFiles);
    const listener = kind === "nats" ? undo.use(await install()) : undefined;
    const site = new Site(kind, bed, host as HostInfo, project, controller, listener);
    undo.move();
    Site.#open.add(site);
    return site;
  }

  /** Removes all sites for good, as at the end of a run that is interrupted. */
  static async closeAll(): Promise<void> {
    Site.#closing = true;
    await Promise.allSettled([...Site.#open].map((site) => site[Symbol.asyncDispose]()));
  }

  private constructor(
    kind: Kind,
    bed: SmallBed,
    host: HostInfo,
    project: Project,
    controller: Controller,
    listener: Listener | undefined,
  ) {
    this.kind = kind;
    this.host = host;
    this.controller = controller;
    this.listener = listener;
    this.#bed = bed;
    this.#project = project;
  }

  /** Makes the program want `system`; `more` are further properties of the host. */
  async want(system: System, more: Properties = {}, activationSeconds = activationLimit): Promise<void> {
    const properties = {
      toplevel: system.toplevel,
      derivation: system.derivation,
      connection: this.#overNats?.connection ?? { ssh: this.login },
      rollback: { confirmTimeout: `${confirmSeconds}s`, activationTimeout: `${activationSeconds}s` },
      ...more,
      ...this.#holding(more),
    };
    await this.#overNats?.answers();
    await this.#project.write(program({ [this.host.name]: { type: "nixos:Host", properties } }));
  }

  /** From now on the host is deployed with `deployer` alone. */
  async deployWith(deployer: Deployer): Promise<void> {
    this.deployer = deployer;
    await this.#project.configure({ "nixos:signingKey": deployer.signingKey });
  }

  /** How the controller logs in on the host. */
  get login() {
    const { address, identityFile, hostKey } = this.host;
    const { deployer } = this;
    if (deployer === undefined) return { host: address, identityFile, hostKey };
    return { host: address, user: "deploy", identityFile: deployer.identityFile, hostKey };
  }

  /** Says something to the guard as anybody could who has the controller's key; returns what it answers. */
  async say(words: readonly string[], input: string): Promise<string> {
    // Over NATS nobody hears a confirmation but while the host waits for one: the guard itself is asked.
    if (this.#overNats !== undefined) {
      const guard = "$(readlink /nix/var/nix/gcroots/homelab-deploy/guard)";
      return this.shell(`echo '${input.trim()}' | sh ${guard} ${words.join(" ")} || true`);
    }
    const guard =
      this.deployer === undefined
        ? ["sh", await this.shell("readlink /nix/var/nix/gcroots/homelab-deploy/guard")]
        : ["sudo", "-n", "--", "/run/current-system/sw/bin/homelab-activate"];
    return this.controller.say([...guard, ...words], this.login, input);
  }

  /** Starts `pulumi up`. */
  up(): ResultPromise {
    return this.#project.start(["up", "--yes", "--skip-preview"], { env: this.#environment });
  }

  async pulumi(...args: string[]): Promise<PulumiResult> {
    await this.#overNats?.answers();
    return this.#project.run(args, { env: this.#environment });
  }

  /** What is on the host, by its own files. */
  look(): Promise<Look> {
    return look((argv) => this.#bed.testbed.exec(this.host.name, argv));
  }

  /** Runs a shell script on the host's console, for which it needs neither network nor sshd; returns what it says. */
  async shell(script: string): Promise<string> {
    const argv = ["timeout", "100", "sh", "-c", script];
    const { exitCode, stdout, stderr } = await this.#bed.testbed.exec(this.host.name, argv, {
      timeout: 110_000,
    });
    if (exitCode === 0) return stdout;
    throw new Error(`exit status ${exitCode} on ${this.host.name}: ${script}\n${stdout}${stderr}`);
  }

  /** What Pulumi's state says of the host, read from its own file. */
  async state(): Promise<State> {
    const file = join(this.#stateDirectory, ".pulumi/stacks/homelab/test.json");
    const { checkpoint } = stateSchema.parse(JSON.parse(await readFile(file, "utf8")));
    const resources = checkpoint.latest?.resources ?? [];
    return resources.find(({ type }) => type === "nixos:index:Host")?.outputs ?? {};
  }

  /** Does something, and then puts Pulumi's state back. */
  async keepingState<T>(work: () => Promise<T>): Promise<T> {
    const kept = `${this.#stateDirectory}.kept`;
    await cp(this.#stateDirectory, kept, { recursive: true });
    try {
      return await work();
    } finally {
      await rm(this.#stateDirectory, { recursive: true });
      await cp(kept, this.#stateDirectory, { recursive: true });
      await rm(kept, { recursive: true });
    }
  }

  powerOff(): Promise<void> {
    return this.#bed.testbed.kill(this.host.name);
  }

  async powerOn(): Promise<void> {
    await this.#bed.testbed.boot(this.host.name);
  }

  cutNetwork(): Promise<void> {
    return this.#bed.testbed.cut(this.host.name);
  }

  healNetwork(): Promise<void> {
    return this.#bed.testbed.heal(this.host.name);
  }

  /** Lets what is sent to the host come slowly, for as long as it is on. */
  throttle(): Promise<void> {
    return this.#bed.testbed.throttle(this.host.name, "40mbit");
  }

  unthrottle(): Promise<void> {
    return this.#bed.testbed.unthrottle(this.host.name);
  }

  /** Kills everything that runs here for this stack. */
  killAll(): Promise<void> {
    return endProcesses(this.#project.ownFiles);
  }

  /** Waits until nothing runs here for this stack any more; says what still does after a while. */
  async quiet(): Promise<string[]> {
    for (let attempt = 0; ; attempt++) {
      const all = [...(await processesWith(this.#project.ownFiles)).values()];
      // Pulumi's language hosts end in their own time: one whose engine was killed looks for it every few minutes.
      const left = all.filter((line) => !line.includes("pulumi-language-"));
      if (left.length === 0) return [];
      if (attempt === 100) return left.map((line) => `still runs here: ${line}`);
      await sleep(200);
    }
  }

  console(): Promise<string> {
    return this.#bed.consoleOf(this.host.name);
  }

  /** Copies Pulumi's state for somebody who wants to read it. */
  async copyState(directory: string): Promise<void> {
    await cp(join(this.#stateDirectory, ".pulumi/stacks"), directory, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Site.#open.delete(this);
    await this.killAll();
    await this.#bed[Symbol.asyncDispose]();
    await this.listener?.[Symbol.asyncDispose]();
    await this.#project[Symbol.asyncDispose]();
  }

  // The first systems come over SSH, and bring the listener.
  get #overNats(): Listener | undefined {
    return this.deployer === undefined ? undefined : this.listener;
  }

  // Where there is no ssh to be held, commands of the controller are.
  #holding({ healthChecks = [] }: Properties): object {
    if (this.#overNats === undefined) return {};
    // The host waits as much longer for the confirmation.
    const check = { command: { run: this.controller.waits("confirm"), on: "controller" } };
    const confirm = { ...check, timeout: "30s", retries: 0 };
    return {
      hooks: { beforeActivation: this.controller.waits("begin") },
      healthChecks: [...healthChecks, confirm],
    };
  }

  // A plugin that is killed leaves its temporary files where they are removed with the site.
  get #environment(): Record<string, string> {
    return { ...this.controller.environment, TMPDIR: join(this.#project.ownFiles, "controller") };
  }

  get #stateDirectory(): string {
    return join(this.#project.ownFiles, "state");
  }
}

/** Further properties of a host's resource. */
interface Properties {
  readonly healthChecks?: readonly object[];
  readonly [name: string]: unknown;
}

const place = z.string().optional();
const stateSchema = z.object({
  checkpoint: z.object({
    latest: z
      .object({
        resources: z
          .array(
            z.object({
              type: z.string(),
              outputs: z.object({ system: place, profile: place, bootDefault: place }).optional(),
            }),
          )
          .optional(),
      })
      .nullish(),
  }),
});

function program(resources: object): Record<string, string> {
  const plugins = { providers: [{ name: "nixos", path: pluginDirectory }] };
  return { "Pulumi.yaml": JSON.stringify({ name: "homelab", runtime: "yaml", plugins, resources }) };
}
