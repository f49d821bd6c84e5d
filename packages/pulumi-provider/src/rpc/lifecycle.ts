import { fstatSync } from "node:fs";
import type { ProviderService } from "../service.ts";
import { serve } from "./server.ts";

const patience = 15_000;

/**
 * Runs the plugin as the engine expects it: the port is the first line on stdout, SIGINT ends the process as soon
 * as no call is open, and the end of stdin, which the engine holds open while it lives, cancels what is running.
 */
export async function runPlugin(createService: () => ProviderService): Promise<void> {
  const server = await serve(createService);
  process.on("exit", server.close);
  const stop = async () => {
    server.cancel();
    setTimeout(() => process.exit(1), patience).unref();
    await server.idle();
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  if (fstatSync(0).isFIFO()) process.stdin.on("end", stop).resume();
  process.stdout.write(`${server.port}\n`);
}
