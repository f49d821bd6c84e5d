import { rm, rmdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { run } from "../process.ts";
import { checkout } from "../setup/places.ts";
import { ensureIdentity, hostDirectory, identityFile, readHostKey, writeDisk } from "./disk.ts";
import { type ExecResult, execInHost } from "./exec.ts";
import { installedSystem } from "./installed-system.ts";
import { isOn, leaderOf, powerOff, powerOn } from "./machine.ts";
import { type HostRecord, locked, lockedForAll, readState, type State, writeState } from "./state.ts";
import * as subnets from "./subnet.ts";
import { waitUntilUp } from "./wait-until-up.ts";

const INSTALL_MILLISECONDS = 300_000;

export interface HostInfo {
  readonly name: string;
  /** IPv4 address; sshd listens on port 22. */
  readonly address: string;
  /** Address of this machine in the host's network. */
  readonly gateway: string;
  readonly user: "root";
  /** The private key to log in with. */
  readonly identityFile: string;
  /** The host's public key: `ssh-ed25519 AAAA...`. */
  readonly hostKey: string;
  readonly state: "running" | "off";
}

export interface Limits {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; 60 seconds unless said otherwise. */
  readonly timeout?: number | undefined;
}

/** Where the command's testbed lies unless it is told otherwise. */
export function defaultDirectory(): string {
  return resolve(process.env.TESTBED_DIR || join(checkout, ".testbed"));
}

/**
 * Real hosts on this machine, each with its own systemd, sshd, Nix store, disk and network address. All state lies in
 * `directory`: any number of objects and processes may work on the same testbed, and on several ones side by side.
 */
export class Testbed {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = resolve(directory);
  }

  /**
   * Makes and boots hosts, side by side, and returns when their sshd answers. A host that runs is left alone; one that
   * is off is booted with the disk it has. Throws with the end of the console when a host does not come up.
   */
  async up(names: readonly string[], limits: Limits = {}): Promise<HostInfo[]> {
    names.forEach(checkName);
    const lower = await installedSystem(deadline({ timeout: INSTALL_MILLISECONDS, ...limits }));
    await this.#locked(limits, async (signal) => {
      const state = (await readState(this.directory)) ?? (await this.#create(signal));
      await subnets.ensureBridge(state.subnet, signal);
      for (const name of names) await this.#addHost(state, name, lower, signal);
      await Promise.all(names.map((name) => this.#powerOn(state, name)));
    });
    return this.#waitAndDescribe(names, limits);
  }

  /** All hosts of the testbed, in the order of their names. */
  async status(): Promise<HostInfo[]> {
    const state = await readState(this.directory);
    if (state === undefined) return [];
    return Promise.all(
      Object.keys(state.hosts)
        .sort()
        .map((name) => this.#describe(state, name)),
    );
  }

  /**
   * Runs `argv` as root in the host, over its console: network and sshd play no part. Its exit status, whatever it
   * is, is part of the result. Throws when the host is off.
   */
  async exec(name: string, argv: readonly string[], limits: Limits = {}): Promise<ExecResult> {
    return execInHost(await this.leader(name), argv, deadline(limits));
  }

  /** Puts a file of this machine on the host's disk, in place of what is there. */
  async put(name: string, source: string, target: string, limits: Limits = {}): Promise<void> {
    const script = 'mkdir -p "${1%/*}" && cat >"$1.new" && chmod "$2" "$1.new" && mv "$1.new" "$1"';
    const mode = ((await stat(source)).mode & 0o777).toString(8);
    const argv = ["sh", "-c", script, "sh", target, mode];
    const { exitCode, stderr } = await execInHost(await this.leader(name), argv, deadline(limits), source);
    if (exitCode !== 0) throw new Error(`${target} could not be written on ${name}: ${stderr}`);
  }

  /** The number, on this machine, of process 1 of a running host. */
  async leader(name: string): Promise<number> {
    await this.#host(name);
    const leader = await leaderOf(hostDirectory(this.directory, name));
    if (leader === undefined) throw new Error(`${name} is off: boot it first`);
    return leader;
  }

  /** Power loss: every process of the host dies at once, its disk stays. */
  async kill(name: string): Promise<void> {
    await this.#host(name);
    await powerOff(hostDirectory(this.directory, name));
  }

  /** Switches a host on whose power was lost, or that has powered itself off, with its cable plugged in. */
  async boot(name: string, limits: Limits = {}): Promise<HostInfo> {
    await this.#locked(limits, async (signal) => {
      const { state } = await this.#host(name);
      await subnets.ensureBridge(state.subnet, signal);
      await this.#powerOn(state, name);
    });
    const [info] = await this.#waitAndDescribe([name], limits);
    return info as HostInfo;
  }

  /** Settles when the host's sshd answers. */
  async waitUntilUp(name: string, limits: Limits = {}): Promise<void> {
    await this.#waitAndDescribe([name], limits);
  }

  /** Pulls the host's network cable: nothing gets through, nobody is told. */
  async cut(name: string): Promise<void> {
    await this.#setLink(name, "down");
  }

  /** Plugs the host's network cable in again. */
  async heal(name: string): Promise<void> {
    await this.#setLink(name, "up");
  }

  /** Lets what is sent to the host come no faster than `rate`, as tc writes it (`8mbit`), until its power is lost or `unthrottle`. */
  async throttle(name: string, rate: string): Promise<void> {
    const bucket = ["tbf", "rate", rate, "burst", "64kb", "latency", "1s"];
    await run(["tc", "qdisc", "replace", "dev", await this.#link(name), "root", ...bucket]);
  }

  async unthrottle(name: string): Promise<void> {
    await run(["tc", "qdisc", "replace", "dev", await this.#link(name), "root", "pfifo"]);
  }

  /** Ends and removes hosts, all of them when no names are given; with the last one the testbed itself is removed. */
  async down(names?: readonly string[]): Promise<void> {
    await this.#locked({}, async () => {
      const state = await readState(this.directory);
      if (state === undefined) return;
      await Promise.all((names ?? Object.keys(state.hosts)).map((name) => this.#remove(state, name)));
      if (Object.keys(state.hosts).length > 0) return writeState(this.directory, state);
      await subnets.deleteBridge(state.subnet);
      await removeTestbed(this.directory);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  async #create(signal: AbortSignal): Promise<State> {
    return lockedForAll(async () => {
      const subnet = await subnets.createSubnet(this.directory, signal);
      const state: State = { subnet, hosts: {} };
      await writeState(this.directory, state);
      return state;
    }, signal);
  }

  async #addHost(state: State, name: string, lower: string[], signal: AbortSignal): Promise<void> {
    if (state.hosts[name]) return;
    const taken = new Set(Object.values(state.hosts).map(({ index }) => index));
    let index = 1;
    while (taken.has(index)) index++;
    await ensureIdentity(this.directory, signal);
    await writeDisk(this.directory, name, state.subnet, index, signal);
    state.hosts[name] = { index, lower };
    await writeState(this.directory, state);
  }

  async #powerOn({ subnet, hosts }: State, name: string): Promise<void> {
    const { index, lower } = hosts[name] as HostRecord;
    const directory = hostDirectory(this.directory, name);
    if (await isOn(directory)) return;
    await powerOn({
      directory,
      lower,
      name,
      bridge: subnets.bridgeName(subnet),
      link: subnets.linkName(subnet, index),
      hardwareAddress: subnets.hardwareAddress(subnet, index),
    });
  }

  async #waitAndDescribe(names: readonly string[], limits: Limits): Promise<HostInfo[]> {
    const signal = deadline(limits);
    return Promise.all(
      names.map(async (name) => {
        const { state, record } = await this.#host(name);
        const address = subnets.hostAddress(state.subnet, record.index);
        await waitUntilUp(name, hostDirectory(this.directory, name), address, signal);
        return this.#describe(state, name);
      }),
    );
  }

  async #describe({ subnet, hosts }: State, name: string): Promise<HostInfo> {
    return {
      name,
      address: subnets.hostAddress(subnet, (hosts[name] as HostRecord).index),
      gateway: subnets.gatewayAddress(subnet),
      user: "root",
      identityFile: identityFile(this.directory),
      hostKey: await readHostKey(this.directory, name),
      state: (await isOn(hostDirectory(this.directory, name))) ? "running" : "off",
    };
  }

  async #setLink(name: string, state: "up" | "down"): Promise<void> {
    await run(["ip", "link", "set", await this.#link(name), state]);
  }

  /** The machine's end of the cable of a host that is on. */
  async #link(name: string): Promise<string> {
    await this.leader(name);
    const { state, record } = await this.#host(name);
    return subnets.linkName(state.subnet, record.index);
  }

  async #remove(state: State, name: string): Promise<void> {
    if (!state.hosts[name]) return;
    const directory = hostDirectory(this.directory, name);
    await powerOff(directory);
    await rm(directory, { recursive: true, force: true });
    delete state.hosts[name];
  }

  async #host(name: string): Promise<{ state: State; record: HostRecord }> {
    const state = await readState(this.directory);
    const record = state?.hosts[name];
    if (!state || !record) throw new Error(`there is no host ${name} in ${this.directory}: up makes one`);
    return { state, record };
  }

  #locked<T>(limits: Limits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = deadline(limits);
    return locked(this.directory, () => work(signal), signal);
  }
}

function checkName(name: string): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new Error(`not a host name: ${JSON.stringify(name)}; use letters, digits and hyphens`);
  }
}

function deadline({ signal, timeout = 60_000 }: Limits): AbortSignal {
  const limit = AbortSignal.timeout(timeout);
  return signal ? AbortSignal.any([signal, limit]) : limit;
}

// Only what is ours: the directory may be one that somebody had before.
async function removeTestbed(directory: string): Promise<void> {
  for (const name of ["hosts", "id_ed25519", "id_ed25519.pub", "testbed.json"]) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
  await rmdir(directory).catch(() => {});
}
