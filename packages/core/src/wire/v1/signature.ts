import { createHash, randomUUID, sign, verify } from "node:crypto";
import { DeployError } from "../../errors.ts";
import { publicKeySchema, signingKey, verifyingKey } from "../../model/nkey.ts";
import type { ReplayMemory } from "./replay-memory.ts";

/** How long a signed request may be under way, in milliseconds. */
export const requestLifetime = 60_000;

/** By how much the clocks of two machines may differ, in milliseconds. */
export const clockTolerance = 10_000;

/** What the signature is for, of a request as it is sent or as it came. */
export interface SignedRequest {
  readonly subject: string;
  /** Name of the host that the request is for, or `*` where the subject means several. */
  readonly host: string;
  readonly body: Uint8Array;
  /** The time, in milliseconds since 1970. */
  readonly now: number;
}

export interface Trust {
  /** Public keys whose requests are taken. */
  readonly trusted: readonly string[];
  readonly seen: ReplayMemory;
  /** When the listener was started, in milliseconds since 1970: it knows of no request that it saw before. */
  readonly since: number;
}

/** Headers of a message; what is not there is undefined or empty. */
export interface RequestHeaders {
  get(name: string): string | undefined;
}

/** A user's NKey, both halves of it. */
export interface Signer {
  /** `U…` */
  readonly publicKey: string;
  /** `SU…` */
  readonly seed: Uint8Array;
}

/** The headers with which `signer` sends `request`; good for `lifetime` milliseconds, and once on each host. */
export function signRequest(
  signer: Signer,
  request: SignedRequest,
  lifetime: number = requestLifetime,
): ReadonlyMap<string, string> {
  const claims = {
    host: request.host,
    issued: String(request.now),
    expires: String(request.now + lifetime),
    nonce: randomUUID(),
  };
  const signature = sign(null, canonical(request, claims), signingKey(signer.seed));
  return new Map([
    ["Homelab-Key", signer.publicKey],
    ["Homelab-Host", claims.host],
    ["Homelab-Issued", claims.issued],
    ["Homelab-Expires", claims.expires],
    ["Homelab-Nonce", claims.nonce],
    ["Homelab-Signature", signature.toString("base64")],
  ]);
}

/**
 * The key that signed `request`, which came with `headers` to the host that it names. Throws `refused` with the reason
 * when it is not signed by a trusted key, was changed, is for another host, is too old, or came before.
 */
export function verifyRequest(
  headers: RequestHeaders,
  request: SignedRequest,
  trust: Trust,
): { readonly key: string } {
  const { key, issued, expires, nonce } = verifyRecord(headers, request, trust.trusted, requestLifetime);
  if (issued < trust.since) {
    throw refuse("it was issued before the listener was started", clockHint(issued, request.now));
  }
  trust.seen.add(`${key} ${nonce}`, expires + clockTolerance, request.now);
  return { key };
}

/**
 * The same for what may be read as often as it is there, and is good for at most `lifetime` milliseconds; with the times
 * from when to when.
 */
export function verifyRecord(
  headers: RequestHeaders,
  request: SignedRequest,
  trusted: readonly string[],
  lifetime: number,
): { readonly key: string; readonly issued: number; readonly expires: number; readonly nonce: string } {
  const key = headers.get("Homelab-Key");
  if (!key) throw refuse("it is not signed", "This listener takes only requests signed by a trusted key.");
  if (!trusted.includes(key)) throw refuse(`the listener does not trust the key ${key.slice(0, 60)}`);
  const claims = {
    host: headers.get("Homelab-Host") ?? "",
    issued: headers.get("Homelab-Issued") ?? "",
    expires: headers.get("Homelab-Expires") ?? "",
    nonce: headers.get("Homelab-Nonce") ?? "",
  };
  const signature = Buffer.from(headers.get("Homelab-Signature") ?? "", "base64");
  if (!isSigned(key, canonical(request, claims), signature)) {
    throw refuse("it was changed after it was signed, or signed for another subject");
  }
  if (claims.host !== "*" && claims.host !== request.host) throw refuse(`it is meant for ${claims.host}`);
  const [issued, expires] = [Number(claims.issued), Number(claims.expires)];
  checkTime(issued, expires, request.now, lifetime);
  return { key, issued, expires, nonce: claims.nonce };
}

interface Claims {
  readonly host: string;
  readonly issued: string;
  readonly expires: string;
  readonly nonce: string;
}

function canonical({ subject, body }: SignedRequest, { host, issued, expires, nonce }: Claims): Uint8Array {
  const digest = createHash("sha256").update(body).digest("hex");
  const lines = ["homelab-v1", subject, host, issued, expires, nonce, digest];
  return new TextEncoder().encode(lines.join("\n"));
}

function isSigned(key: string, text: Uint8Array, signature: Uint8Array): boolean {
  return publicKeySchema.safeParse(key).success && verify(null, text, verifyingKey(key), signature);
}

function checkTime(issued: number, expires: number, now: number, lifetime: number): void {
  const hint = clockHint(issued, now);
  if (!(expires - issued <= lifetime)) {
    throw refuse(`it is good for longer than ${lifetime === requestLifetime ? "a minute" : "it may be"}`);
  }
  if (now > expires + clockTolerance) throw refuse("it has expired", hint);
  if (!(issued <= now + clockTolerance)) throw refuse("it was issued in the future", hint);
}

// The difference of the clocks is what is wrong more often than an attack.
function clockHint(issued: number, now: number): string {
  const seconds = Math.round((now - issued) / 1000);
  return `The clock of this host is ${Math.abs(seconds)} s ${seconds < 0 ? "behind" : "past"} its time of issue.`;
}

function refuse(reason: string, hint?: string): DeployError {
  return new DeployError("refused", `the request is refused: ${reason}`, { hint });
}
