import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { DeployError, publicKeyOf, signingKeySchema } from "@homelab-deploy/core";

export interface Key {
  readonly name: string;
  readonly publicKey: string;
}

/** The key in `file`; throws `invalid-input` when there is none. The secret stays here. */
export async function readKey(file: string, signal: AbortSignal): Promise<Key> {
  const parsed = signingKeySchema.safeParse(await readText(file));
  if (!parsed.success) throw new DeployError("invalid-input", `${file}: ${parsed.error.issues[0]?.message}`);
  const publicKey = await publicKeyOf(parsed.data, signal);
  return { name: publicKey.slice(0, publicKey.indexOf(":")), publicKey };
}

/** Writes `secret` to `file`, for this user only, all or nothing. Throws `invalid-input` when it is there, unless `force`. */
export async function writeKey(file: string, secret: string, force: boolean): Promise<void> {
  const fresh = `${file}.${randomUUID()}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(fresh, `${secret}\n`, { mode: 0o600, flag: "wx" });
    // Unlike a rename, a link never replaces.
    await (force ? rename(fresh, file) : link(fresh, file));
  } catch (error) {
    throw fileError(file, error, "Name another file, or replace this one with --force.");
  } finally {
    await rm(fresh, { force: true });
  }
}

/** Gives the key in `file` a second name, `kept`; throws `invalid-input` when that is there. */
export async function keepKey(file: string, kept: string): Promise<void> {
  await link(file, kept).catch((error: unknown) => {
    throw fileError(kept, error, "Is it still needed? Give it another name, or remove it.");
  });
}

async function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    throw fileError(file, error);
  });
}

function fileError(file: string, error: unknown, hint?: string): DeployError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EEXIST") {
    return new DeployError("invalid-input", `${file} is there already`, { cause: error, hint });
  }
  const reason = code === "ENOENT" ? "there is no such file" : message;
  return new DeployError("invalid-input", `${file}: ${reason}`, { cause: error });
}
