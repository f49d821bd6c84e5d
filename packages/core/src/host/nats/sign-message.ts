import { headers, type MsgHdrs } from "nats";
import { requestLifetime, signRequest } from "../../wire/v1/signature.ts";
import type { ConnectedNats } from "./connect.ts";

/**
 * Headers that prove to `host`, or to several with `*`, who asks: every request has them, whether it needs them or not.
 * They are good for `lifetime` milliseconds. Undefined for a user without a key.
 */
export function signMessage(
  { identity }: ConnectedNats,
  subject: string,
  host: string,
  body: string,
  lifetime: number = requestLifetime,
): MsgHdrs | undefined {
  if (identity === undefined) return undefined;
  const signed = headers();
  const request = { subject, host, body: new TextEncoder().encode(body), now: Date.now() };
  for (const [name, value] of signRequest(identity, request, lifetime)) signed.set(name, value);
  return signed;
}
