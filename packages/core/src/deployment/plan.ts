import type { Goal } from "../model/goal.ts";
import type { Reboot } from "../model/reboot.ts";

/** What a host shall have. */
export interface Wanted {
  readonly goal: Goal;
  readonly toplevel: string;
  readonly reboot?: Reboot | undefined;
}

/** What a host was last seen to run and to boot. */
export interface SeenHost {
  readonly running?: string | undefined;
  /** Toplevel of the system profile. */
  readonly profile?: string | undefined;
  readonly bootDefault?: string | undefined;
  /** Whether another kernel runs than that of the system. */
  readonly rebootRequired?: boolean | undefined;
}

/**
 * Whether nothing is left to do for `toplevel` to be what `goal` asks for. A dry activation leaves no trace on the host:
 * it is due until the host runs the toplevel.
 */
export function isDeployed({ goal, toplevel, reboot = "never" }: Wanted, seen: SeenHost): boolean {
  const running = seen.running === toplevel;
  const kept = seen.profile === toplevel && (seen.bootDefault ?? toplevel) === toplevel;
  switch (goal) {
    case "switch":
      return running && kept && !(reboot === "when-needed" && seen.rebootRequired === true);
    case "boot":
      return kept;
    case "test":
    case "dry-activate":
      return running;
  }
}
