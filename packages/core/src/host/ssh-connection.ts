import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeployError } from "../errors.ts";
import type { SshConnection } from "../model/connection.ts";
import { CommandError } from "../process/command-error.ts";
import { quoteCommand } from "../process/quote.ts";
import { run, start } from "../process/run.ts";
import type { ExecOptions } from "./carrier.ts";
import { knownHosts, type SshFiles, sshConfig, sshFiles } from "./ssh-config.ts";
import { sshFailure } from "./ssh-errors.ts";
import type { SudoTalk } from "./ssh-sudo.ts";

interface Master {
  /** Settles when the connection stands, or cannot. */
  readonly ready: Promise<void>;
  /** Resolves when its process is gone. */
  readonly ended: Promise<void>;
  end(): void;
}

/**
 * One multiplexed SSH connection, made at the first use and made anew when it was lost. The master runs `cat` on the
 * host, which every login may, and ends with its input, so that nothing stays behind on either side even when this
 * process is killed. It stands when a line comes back.
 */
export class SshConnector implements AsyncDisposable {
  readonly #name: string;
  readonly #address: string;
  readonly #ssh: SshConnection;
  #files: Promise<SshFiles> | undefined;
  #master: Master | undefined;
  #denied: DeployError | undefined;

  constructor(name: string, ssh: SshConnection) {
    this.#name = name;
    this.#address = ssh.host ?? name;
    this.#ssh = ssh;
  }

  /**
   * Runs `argv` on the host; returns its standard output, whatever its exit status. `talk` takes the place of its input,
   * and is not tried again once the host has denied the password.
   */
  async exec(argv: readonly string[], options: ExecOptions, talk?: SudoTalk): Promise<string> {
    if (talk !== undefined && this.#denied !== undefined) throw this.#denied;
    const files = await this.#prepared();
    const master = options.fresh ? undefined : await this.#connected(options.signal);
    const carrier = options.fresh ? ["-o", "ControlPath=none"] : [];
    const command = ["ssh", "-F", files.config, ...carrier, "--", this.#address, quoteCommand(argv)];
    const { input, ...rest } = options;
    try {
      const result = talk === undefined ? run(command, { ...rest, input }) : converse(command, rest, talk);
      return (await result).stdout;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (talk?.denied) throw this.#deny(error);
      if (error.exitCode === 255 && master !== undefined) this.#forget(master);
      if (error.exitCode === undefined || error.exitCode === 255) throw this.#failure(error);
      const said = talk?.without(error.stderr) ?? error.stderr;
      if (error.stdout === "" && said !== "") throw this.#refusal(said, error);
      return error.stdout;
    }
  }

  /** Options that make another program's ssh, such as Nix's, use this connection; and the address for it. */
  async share(signal: AbortSignal): Promise<{ options: string; address: string }> {
    const files = await this.#prepared();
    await this.#connected(signal);
    return { options: `-F ${files.config}`, address: this.#address };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const master = this.#master;
    if (master !== undefined) this.#forget(master);
    await master?.ended;
    const files = await this.#files?.catch(() => undefined);
    if (files !== undefined) await rm(files.directory, { recursive: true, force: true });
  }

  #prepared(): Promise<SshFiles> {
    this.#files ??= this.#writeFiles();
    return this.#files;
  }

  async #writeFiles(): Promise<SshFiles> {
    const files = sshFiles(await mkdtemp(join(tmpdir(), "homelab-ssh-")));
    if (this.#ssh.hostKey !== undefined) await writeFile(files.knownHosts, knownHosts(this.#ssh.hostKey));
    await writeFile(files.config, sshConfig(this.#address, this.#ssh, files), { mode: 0o600 });
    return files;
  }

  async #connected(signal: AbortSignal): Promise<Master> {
    signal.throwIfAborted();
    const files = await this.#prepared();
    this.#master ??= this.#connect(files);
    const master = this.#master;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([master.ready, aborted]);
      return master;
    } catch (error) {
      this.#forget(master);
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  #connect(files: SshFiles): Master {
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    const controller = new AbortController();
    const argv = ["ssh", "-F", files.config, "-o", "ControlMaster=yes", "--", this.#address, "cat"];
    const greeting = randomUUID();
    const lost = () => new DeployError("unreachable", `the connection to ${this.#name} was lost`);
    const ended = start(argv, {
      signal: controller.signal,
      onStdin: (stdin) => stdin.write(`${greeting}\n`),
      onStdout: (line) => line === greeting && resolve(),
    })
      .then(lost, (error) => (error instanceof CommandError ? this.#failure(error) : error))
      .then((reason) => {
        reject(reason);
        if (this.#master === master) this.#master = undefined;
      });
    const master = { ready, ended, end: () => controller.abort(lost()) };
    return master;
  }

  // Another call may have connected anew since.
  #forget(master: Master): void {
    master.end();
    if (this.#master === master) this.#master = undefined;
  }

  #failure(error: CommandError): DeployError {
    if (error.missing) {
      return new DeployError("tool-missing", "ssh is not on PATH", {
        cause: error,
        hint: "Install OpenSSH's client.",
      });
    }
    if (error.timedOut)
      return new DeployError("timeout", `${this.#name} did not answer in time`, { cause: error });
    return sshFailure(this.#name, error);
  }

  #refusal(said: string, cause: CommandError): DeployError {
    return new DeployError("refused", `${this.#name}: ${said.trim().split("\n").at(-1)}`, { cause });
  }

  #deny(cause: CommandError): DeployError {
    this.#denied = new DeployError("refused", `${this.#name}: sudo does not take the password`, {
      cause,
      hint: "Is sudoPassword the password of this user on this host?",
    });
    return this.#denied;
  }
}

function converse(command: readonly string[], options: Omit<ExecOptions, "input">, talk: SudoTalk) {
  const onStderr = (line: string) => {
    if (!talk.hears(line)) options.onStderr?.(line);
  };
  return start(command, { ...options, onStdin: talk.onStdin, onStderr });
}
