import { DeployError, type FleetHost, type Host, isDeployed, type StorePath } from "@homelab-deploy/core";
import { paint } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";
import { shortName } from "./short-name.ts";
import type { Surveyed } from "./survey.ts";

/** What a deployment would do to a host. */
export interface HostPlan {
  readonly name: string;
  /** `error`: the host does not evaluate, or does not answer. */
  readonly action: "change" | "none" | "error";
  /** Toplevel that runs now. */
  readonly from?: string | undefined;
  /** Toplevel that would. */
  readonly to?: string | undefined;
  readonly goal?: string | undefined;
  /** `unknown`: that can be told when the system is in the host's store. */
  readonly reboot?: "needed" | "not needed" | "unknown" | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

type Answer = Pick<HostPlan, "action" | "from" | "reboot">;

/** Asks a host what would be done to it. Changes nothing. */
export async function planHost(machine: Host, host: FleetHost, signal: AbortSignal): Promise<Answer> {
  const { toplevel, goal = "switch", reboot } = host;
  const status = await machine.inspect({ signal });
  const from = status.running;
  if (toplevel === undefined || isDeployed({ goal, toplevel, reboot }, status)) {
    return { action: "none", from, reboot: status.rebootRequired ? "needed" : "not needed" };
  }
  return { action: "change", from, reboot: await compare(machine, toplevel, signal) };
}

async function compare(machine: Host, toplevel: StorePath, signal: AbortSignal): Promise<HostPlan["reboot"]> {
  try {
    return (await machine.compare(toplevel, { signal })).rebootNeeded ? "needed" : "not needed";
  } catch (error) {
    if (error instanceof DeployError && error.code === "refused") return "unknown";
    throw error;
  }
}

/** The plan for a host that was asked. */
export function toPlan({ host, answer, error }: Surveyed<Answer>): HostPlan {
  const { name, toplevel: to, goal = "switch", evaluationError } = host;
  if (evaluationError !== undefined) {
    const code = "evaluation-failed";
    return { name, action: "error", from: answer?.from, error: { code, message: evaluationError } };
  }
  if (error !== undefined) {
    return { name, action: "error", to, goal, error: { code: error.code, message: error.message } };
  }
  return { name, action: "none", ...answer, to, goal };
}

/** Plans as a table, and how many hosts would change. */
export function planTable(plans: readonly HostPlan[]): string {
  const rows = plans.map(({ name, action, from, to, goal = "-", reboot = "-", error }) => [
    name,
    action === "change" ? paint("notable", action) : action === "error" ? paint("bad", action) : action,
    from === undefined ? "-" : shortName(from, name),
    to === undefined ? "-" : to === from ? "same" : shortName(to, name),
    goal,
    reboot === "needed" ? paint("notable", reboot) : reboot,
    error?.message.split("\n")[0] ?? "",
  ]);
  const count = (action: HostPlan["action"]) => plans.filter((plan) => plan.action === action).length;
  const errors = count("error");
  const summary = `${count("change")} to change, ${count("none")} unchanged${errors > 0 ? `, ${errors} unknown` : ""}`;
  return `${table(["HOST", "ACTION", "RUNNING", "WANTED", "GOAL", "REBOOT", "ERROR"], rows)}\n${summary}\n`;
}
