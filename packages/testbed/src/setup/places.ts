import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The root of this checkout. */
export const checkout = resolve(import.meta.dirname, "../../../..");

/** What one checkout needs of the cache: links to commands, and `env` for a shell. */
export const toolchain = join(checkout, ".toolchain");

/** Shared by all checkouts of this user; each tool lies under its own name and version. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "homelab-deploy");
