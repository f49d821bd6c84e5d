import type { SshConnection } from "../model/connection.ts";
import type { StorePath } from "../model/store-path.ts";
import { copy } from "../nix/copy.ts";
import type { Carrier, ExecOptions } from "./carrier.ts";
import { GuardedHost } from "./guarded-host.ts";
import type { Host } from "./host.ts";
import { SshConnector } from "./ssh-connection.ts";

/** The host `name` over SSH. Nothing is connected before the first call. */
export function sshHost(name: string, ssh: SshConnection): Host {
  return new GuardedHost(name, new SshCarrier(name, ssh));
}

class SshCarrier implements Carrier {
  readonly #connector: SshConnector;
  readonly #sudo: boolean;

  constructor(name: string, ssh: SshConnection) {
    this.#connector = new SshConnector(name, ssh);
    this.#sudo = ssh.sudo ?? (ssh.user ?? "root") !== "root";
  }

  exec(argv: readonly string[], options: ExecOptions): Promise<string> {
    return this.#connector.exec(this.#sudo ? ["sudo", "-n", "--", ...argv] : argv, options);
  }

  // Root decides by itself what its store takes; over ssh-ng it is the daemon started as root that listens.
  async copy(paths: readonly StorePath[], options: Parameters<Carrier["copy"]>[1]): Promise<void> {
    const { options: sshOptions, address } = await this.#connector.share(options.signal);
    const host = address.includes(":") ? `[${address}]` : address;
    const program = this.#sudo ? "?remote-program=sudo%20-n%20nix-daemon" : "";
    await copy(paths, `ssh-ng://${host}${program}`, { ...options, sshOptions, checkSignatures: false });
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#connector[Symbol.asyncDispose]();
  }
}
