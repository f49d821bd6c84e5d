import {
  longestWait,
  ReplayMemory,
  verifyRecord,
  verifyRequest,
  type WantedMessage,
} from "@homelab-deploy/core/nats";
import type { Msg } from "nats";

/** A check that lets requests to `host` through which one of `trusted` has signed, each of them once; throws `refused` for others. */
export function requireSignature(host: string, trusted: readonly string[]): (message: Msg) => void {
  const trust = { trusted, seen: new ReplayMemory(), since: Date.now() };
  return ({ subject, data: body, headers }) => {
    verifyRequest(headers ?? new Map(), { subject, host, body, now: Date.now() }, trust);
  };
}

/** The same for what is recorded for `host`, and is read more than once. */
export function requireSignedRecord(
  host: string,
  trusted: readonly string[],
): (message: WantedMessage) => void {
  return ({ subject, data: body, headers }) => {
    const record = { subject, host, body, now: Date.now() };
    verifyRecord(headers ?? new Map(), record, trusted, longestWait);
  };
}
