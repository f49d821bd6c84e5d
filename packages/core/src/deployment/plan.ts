import type { Goal } from "../model/goal.ts";

/** What a host was last seen to run and to boot. */
export interface SeenHost {
  readonly running?: string | undefined;
  /** Toplevel of the system profile. */
  readonly profile?: string | undefined;
  readonly bootDefault?: string | undefined;
}

/**
 * Whether nothing is left to do for `toplevel` to be what `goal` asks for. A dry activation leaves no trace on the host:
 * it is due until the host runs the toplevel.
 */
export function isDeployed(goal: Goal, seen: SeenHost, toplevel: string): boolean {
  const running = seen.running === toplevel;
  const kept = seen.profile === toplevel && (seen.bootDefault ?? toplevel) === toplevel;
  switch (goal) {
    case "switch":
      return running && kept;
    case "boot":
      return kept;
    case "test":
    case "dry-activate":
      return running;
  }
}
