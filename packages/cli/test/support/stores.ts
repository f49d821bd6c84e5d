import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { DeployError, parseStorePath, type StorePath } from "@homelab-deploy/core";
import type { HostStore } from "@homelab-deploy/core/nats";

const run = promisify(execFile);

/** A path of this machine's store with a size, and another path that it needs. */
export async function makePath(name: string, needs: string, kilobytes: number): Promise<StorePath> {
  const script = `dd if=/dev/urandom of=$out bs=1024 count=${kilobytes}; echo ${needs} >>$out`;
  const expression = `derivation {
    name = "${name}"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "${process.env.PATH}";
    args = [ "-c" ''${script}'' ]; salt = "${process.pid}";
    needs = ${needs === "" ? '""' : `builtins.storePath "${needs}"`};
  }`;
  const { stdout } = await run("nix-build", ["--no-out-link", "--expr", expression]);
  return parseStorePath(stdout.trim());
}

/** The store of a host, in a directory of its own, that trusts one key and knows the binary cache `cache`, if there is one. */
export function storeAt(root: string, publicKey: string, cache = ""): HostStore {
  const trusting = [
    "--option",
    "trusted-public-keys",
    publicKey,
    "--option",
    "narinfo-cache-positive-ttl",
    "0",
  ];
  const nix = (...args: string[]) => run("nix-store", ["--store", `local?root=${root}`, ...args]);
  return {
    async missing(paths) {
      const { stdout } = await nix("--check-validity", "--print-invalid", ...paths);
      return stdout.split("\n").filter((line) => line !== "") as StorePath[];
    },
    async substitute(paths) {
      const caches = ["--option", "substituters", cache];
      await nix("--realise", "--keep-going", ...paths, ...trusting, ...caches).catch(() => {});
    },
    async build() {
      throw new DeployError("build-failed", "this store builds nothing");
    },
    async fetch(toplevel, from, _options) {
      const caches = ["--option", "substituters", from ?? ""];
      await nix("--realise", toplevel, ...trusting, ...caches).catch((error: Error) => {
        throw new DeployError("copy-failed", error.message);
      });
    },
  };
}
