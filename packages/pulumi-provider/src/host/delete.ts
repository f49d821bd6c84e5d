import { explain } from "@homelab-deploy/core";
import type { Call, DeleteRequest } from "../service.ts";
import { type HostContext, reach } from "./host-context.ts";
import { readInputs } from "./inputs.ts";
import { isPending } from "./outputs.ts";

/** Forgets a host; nothing on it changes. What it was to get when it is back, it does not get. */
export async function deleteHost(
  { id, inputs, outputs }: DeleteRequest,
  context: HostContext,
  { log, signal }: Call,
): Promise<void> {
  if (isPending(outputs)) {
    const connection = reach(context, id, readInputs(inputs));
    await context.deployer.withdraw(id, connection, { signal }).catch((error: unknown) => {
      log("warning", `${id} may still get its last system when it is back: ${explain(error)}`);
    });
  }
  log("info", `${id} is no longer managed by this stack; it keeps running as it is`);
}
