import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { DeployError } from "@homelab-deploy/core";
import type { CommandContext } from "../surroundings.ts";
import { metricsText } from "./metrics.ts";
import { type LookFlags, look } from "./run-status.ts";

interface MetricsFlags extends LookFlags {
  readonly file?: string;
  readonly json?: boolean;
}

/** Writes the metrics of the fleet. A host that does not answer is one of them, and no failure. */
export async function runMetrics(
  flags: MetricsFlags & Record<string, unknown>,
  context: CommandContext,
): Promise<void> {
  const { stdout } = context;
  const hosts = await look(flags, context);
  const text = flags.json ? `${JSON.stringify({ hosts })}\n` : metricsText(hosts);
  if (flags.file === undefined) stdout(text);
  else await replaceFile(flags.file, text);
}

// A reader sees the old text or the new one, as a collector of text files demands.
async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}`;
  try {
    await writeFile(fresh, text, { mode: 0o644, flag: "wx" });
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new DeployError("invalid-input", `--file: ${reason}`, { cause: error });
  }
}
