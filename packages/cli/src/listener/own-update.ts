import { realpath } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { explain, type Host, restartOwnService } from "@homelab-deploy/core";
import type { Listener } from "./listener.ts";

// What the NixOS module calls the unit, which no switch restarts.
const unit = "homelab-deploy-listener.service";
const interval = 5_000;
// Longer than a controller takes from one request of a deployment to the next.
const quiet = 15_000;

/**
 * Has systemd restart this listener when a new system has changed its unit and nothing is under way on `host` any more,
 * whoever began it. Settles when that has been done, or when `signal` is aborted.
 */
export async function followOwnUpdate(
  { activity }: Listener,
  {
    host,
    log,
    signal,
  }: { readonly host: Host; readonly log: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  for (let started = await unitFile(); ; ) {
    await delay(interval, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    const now = activity.idle < quiet ? started : await unitFile();
    if (now === started || now === undefined) continue;
    try {
      if ((await host.inspect({ signal })).lock !== undefined) continue;
      if (await restartOwnService(unit)) return log(`${unit} has changed, and is restarted`);
    } catch (error) {
      if (signal.aborted) return;
      log(`${unit} has changed, and cannot be restarted: ${explain(error)}`);
    }
    started = now;
  }
}

// In the store of a NixOS: another unit is another path.
function unitFile(): Promise<string | undefined> {
  return realpath(`/etc/systemd/system/${unit}`).catch(() => undefined);
}
