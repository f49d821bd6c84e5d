import { Ended, exitStatus } from "../exit-status.ts";
import type { CommandContext } from "../surroundings.ts";
import { type FleetFlags, fleetRequestFrom } from "./options.ts";
import { planHost, planTable, toPlan } from "./plan.ts";
import { evaluateHosts } from "./request.ts";
import { survey } from "./survey.ts";

interface PlanFlags extends FleetFlags {
  /** Milliseconds. */
  readonly timeout: number;
  readonly detailedExitcode?: boolean;
  readonly json?: boolean;
}

/** Writes what a deployment would change; ends unsuccessful when that is not known of a host. */
export async function runPlan(
  flags: PlanFlags & Record<string, unknown>,
  context: CommandContext,
): Promise<void> {
  const { stdout, signal, config } = context;
  const request = fleetRequestFrom(flags, config);
  const hosts = await evaluateHosts(request, context);
  const { timeout } = flags;
  const plans = (await survey(hosts, { ...request, timeout, signal, ask: planHost })).map(toPlan);
  stdout(flags.json ? `${JSON.stringify({ hosts: plans })}\n` : planTable(plans));
  if (plans.some(({ action }) => action === "error")) throw new Ended(exitStatus.failed);
  if (flags.detailedExitcode && plans.some(({ action }) => action === "change")) {
    throw new Ended(exitStatus.changes);
  }
}
