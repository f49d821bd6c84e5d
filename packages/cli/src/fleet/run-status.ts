import { setTimeout as delay } from "node:timers/promises";
import { Ended, exitStatus } from "../exit-status.ts";
import type { CommandContext } from "../surroundings.ts";
import { type FleetFlags, fleetRequestFrom } from "./options.ts";
import { evaluateHosts } from "./request.ts";
import { type HostReport, report } from "./status.ts";
import { statusTable } from "./status-table.ts";
import { survey } from "./survey.ts";

export interface LookFlags extends FleetFlags {
  readonly evaluate: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

interface StatusFlags extends LookFlags {
  /** Seconds, or whether at all. */
  readonly watch?: number | boolean;
  readonly json?: boolean;
}

const clearScreen = "\x1b[H\x1b[2J";

/** Writes what the hosts are; ends unsuccessful when one does not answer or does not evaluate. */
export async function runStatus(
  flags: StatusFlags & Record<string, unknown>,
  context: CommandContext,
): Promise<void> {
  const { stdout, signal, isTerminal } = context;
  const { watch = false, json } = flags;
  for (;;) {
    const hosts = await look(flags, context);
    const text = json ? `${JSON.stringify({ hosts })}\n` : statusTable(hosts);
    stdout(watch !== false && isTerminal && !json ? clearScreen + text : text);
    if (watch === false) {
      if (hosts.some(({ error, evaluationError }) => (error ?? evaluationError) !== undefined)) {
        throw new Ended(exitStatus.failed);
      }
      return;
    }
    await delay((watch === true ? 5 : watch) * 1000, undefined, { signal }).catch(() => {
      throw new Ended(exitStatus.interrupted);
    });
  }
}

/** Evaluates and asks the hosts. */
export async function look(
  flags: LookFlags & Record<string, unknown>,
  context: CommandContext,
): Promise<HostReport[]> {
  const request = fleetRequestFrom(flags, context.config);
  const hosts = await evaluateHosts(request, context, !flags.evaluate);
  const { signal } = context;
  const ask = { ...request, timeout: flags.timeout, signal };
  const surveyed = await survey(hosts, {
    ...ask,
    ask: (machine, _host, each) => machine.inspect({ signal: each }),
  });
  return surveyed.map(report);
}
