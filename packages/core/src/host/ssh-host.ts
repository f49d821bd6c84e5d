import type { SshConnection } from "../model/connection.ts";
import type { StorePath } from "../model/store-path.ts";
import { copy } from "../nix/copy.ts";
import type { Carrier, CarrierCopyOptions, ExecOptions } from "./carrier.ts";
import { GuardedHost } from "./guarded-host.ts";
import type { Host } from "./host.ts";
import { SshConnector } from "./ssh-connection.ts";
import { withRootDaemon } from "./ssh-root-daemon.ts";
import { SudoTalk } from "./ssh-sudo.ts";

/** The host `name` over SSH. Nothing is connected before the first call. */
export function sshHost(name: string, ssh: SshConnection): Host {
  return new GuardedHost(name, new SshCarrier(name, ssh));
}

class SshCarrier implements Carrier {
  readonly mayBeRestricted: boolean;
  readonly #connector: SshConnector;
  readonly #sudo: boolean;
  readonly #password: string | undefined;

  constructor(name: string, ssh: SshConnection) {
    this.#connector = new SshConnector(name, ssh);
    this.#sudo = ssh.sudo ?? (ssh.user ?? "root") !== "root";
    this.#password = this.#sudo ? ssh.sudoPassword : undefined;
    this.mayBeRestricted = this.#sudo;
  }

  exec(argv: readonly string[], options: ExecOptions): Promise<string> {
    if (!this.#sudo) return this.#connector.exec(argv, options);
    if (this.#password === undefined || options.restricted) {
      return this.#connector.exec(["sudo", "-n", "--", ...argv], options);
    }
    const talk = new SudoTalk(this.#password, (stdin) => stdin.end(options.input));
    return this.#connector.exec(talk.argv(argv), options, talk);
  }

  copy(paths: readonly StorePath[], options: CarrierCopyOptions): Promise<void> {
    if (!this.#sudo || options.restricted) return this.#copyBy(undefined, paths, options);
    if (this.#password === undefined) return this.#copyBy("sudo -n nix-daemon", paths, options);
    return withRootDaemon(this.#connector, this.#password, options.signal, (program, signal) =>
      this.#copyBy(program, paths, { ...options, signal }),
    );
  }

  // Root decides by itself what its store takes; over ssh-ng it is the daemon started as root that listens.
  async #copyBy(
    program: string | undefined,
    paths: readonly StorePath[],
    { restricted, ...options }: CarrierCopyOptions,
  ): Promise<void> {
    const { options: sshOptions, address } = await this.#connector.share(options.signal);
    const host = address.includes(":") ? `[${address}]` : address;
    const query = program === undefined ? "" : `?remote-program=${encodeURIComponent(program)}`;
    await copy(paths, `ssh-ng://${host}${query}`, { ...options, sshOptions, checkSignatures: restricted });
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#connector[Symbol.asyncDispose]();
  }
}
