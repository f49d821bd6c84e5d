import { DeployError } from "../errors.ts";
import type { HostStatus } from "../model/host-status.ts";

// What activation itself needs: journal, profile links, boot loader entries.
const reserveBytes = 16 * 2 ** 20;

/** Throws `no-space` when `bytes` do not fit into the store of `host`. */
export function requireSpace(host: string, bytes: number, { freeBytes }: HostStatus): void {
  if (freeBytes >= bytes + reserveBytes) return;
  const mebibytes = (value: number) => `${Math.ceil(value / 2 ** 20)} MiB`;
  throw new DeployError(
    "no-space",
    `${host} has ${mebibytes(freeBytes)} free in /nix/store, and the closure needs ${mebibytes(bytes)}`,
    { hint: "Collect garbage on the host: nix-collect-garbage --delete-older-than 30d" },
  );
}

/** `error` of a copy to `host`; in other words when it tells that a signature lacks. */
export function copyFailure(host: string, error: unknown): unknown {
  if (!(error instanceof DeployError)) return error;
  const path = unsigned
    .map((pattern) => pattern.exec(error.message)?.[1])
    .find((found) => found !== undefined);
  if (path === undefined) return error;
  return new DeployError(
    "copy-failed",
    `${host} does not take ${path}: no key that it trusts has signed it`,
    {
      cause: error,
      hint:
        "Give the secret key as signingKey, and name its public key in homelab.users.deploy.trustedKeys on the host; " +
        "`homelab-deploy keys generate` makes both.",
    },
  );
}

// What Nix says of a path that is sent, and of one that it would fetch.
const unsigned = [
  /'([^']*)' because it lacks a signature by a trusted key/,
  /ignoring substitute for '([^']*)' from '[^']*', as it's not signed by any of the keys/,
];
