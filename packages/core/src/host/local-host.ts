import { access, constants } from "node:fs/promises";
import { DeployError } from "../errors.ts";
import { CommandError } from "../process/command-error.ts";
import { run } from "../process/run.ts";
import type { Carrier, ExecOptions } from "./carrier.ts";
import { GuardedHost } from "./guarded-host.ts";
import type { Host } from "./host.ts";

/** This machine itself; the program must run as root. As a service that can write nothing it has systemd run the guard. */
export function localHost(name: string): Host {
  return new GuardedHost(name, localCarrier);
}

const localCarrier: Carrier = {
  mayBeRestricted: false,

  async exec(argv, { signal, timeout, input, onStdout, onStderr }: ExecOptions) {
    try {
      const outside = (await isConfined()) ? bySystemd : [];
      return (await run([...outside, ...argv], { signal, timeout, input, onStdout, onStderr })).stdout;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (error.exitCode === undefined) throw new DeployError("unreachable", error.message, { cause: error });
      if (error.stdout === "" && error.stderr !== "") throw new DeployError("refused", error.stderr.trim());
      return error.stdout;
    }
  },

  // What was built here is in this store already.
  async copy() {},

  async [Symbol.asyncDispose]() {},
};

const bySystemd = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", "--setenv=HOME=/root", "--"];

function isConfined(): Promise<boolean> {
  return access("/var", constants.W_OK).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "EROFS",
  );
}
