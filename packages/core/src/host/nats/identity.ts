import { sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Authenticator, credsAuthenticator, nkeys } from "nats";
import { DeployError } from "../../errors.ts";
import type { NatsConnection } from "../../model/nats-connection.ts";
import { signingKey } from "../../model/nkey.ts";

export interface Identity {
  /** Public key of the user (`U…`). */
  readonly publicKey: string;
  /** Seed of the user's key; a secret. */
  readonly seed: Uint8Array;
  readonly authenticator: Authenticator;
}

/** The user that `connection` names; undefined when it names none. Throws `invalid-input` with the file that is wrong. */
export async function readIdentity({
  nkeyFile,
  credentialsFile,
}: Pick<NatsConnection, "nkeyFile" | "credentialsFile">): Promise<Identity | undefined> {
  if (nkeyFile !== undefined) {
    const text = (await read(nkeyFile)).trim();
    const key = parseSeed(text, nkeyFile, "an NKey seed of a user (SU…)");
    return { ...key, authenticator: authenticatorOf(key) };
  }
  if (credentialsFile === undefined) return undefined;
  const text = await read(credentialsFile);
  const seed = /^SU[A-Z2-7]{56}\s*$/m.exec(text)?.[0].trim() ?? "";
  const key = parseSeed(seed, credentialsFile, "the credentials of a user");
  return { ...key, authenticator: credsAuthenticator(new TextEncoder().encode(text)) };
}

// The library's own, in JavaScript, keeps a processor busy for ten milliseconds and more.
function authenticatorOf({ publicKey, seed }: Pick<Identity, "publicKey" | "seed">): Authenticator {
  const key = signingKey(seed);
  return (nonce = "") => ({
    nkey: publicKey,
    sig: sign(null, Buffer.from(nonce), key).toString("base64url"),
  });
}

async function read(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "there is no such file" : error.message;
    throw new DeployError("invalid-input", `${file}: ${reason}`, { cause: error });
  });
}

// Never says what it has read: it is a secret, or another one in the wrong place.
function parseSeed(text: string, file: string, wanted: string): { publicKey: string; seed: Uint8Array } {
  const seed = new TextEncoder().encode(text);
  try {
    const publicKey = nkeys.fromSeed(seed).getPublicKey();
    if (publicKey.startsWith("U")) return { publicKey, seed };
  } catch {}
  throw new DeployError("invalid-input", `${file} does not hold ${wanted}`, {
    hint: "`nk -gen user -pubout` makes a key: its first line is the seed.",
  });
}
