import type { Call, DeleteRequest } from "../service.ts";

/** Forgets a host; nothing on it changes. */
export function deleteHost({ id }: DeleteRequest, { log }: Call): void {
  log("info", `${id} is no longer managed by this stack; it keeps running as it is`);
}
