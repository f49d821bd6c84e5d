/** What a step of the set-up found or made. */
export interface Outcome {
  /** Name and version, as a person would say them: `pulumi 3.259.0`. */
  readonly what: string;
  readonly origin: "on PATH" | "from cache" | "installed" | "up to date" | "built" | "missing";
  /** A directory whose commands belong on PATH. */
  readonly commands?: string;
}

/** A thing that this machine cannot have. The message is one sentence that says what, and how to get it. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/**
 * Runs one step of the set-up and tells about it: one line with its duration on standard error; with `quiet` only
 * when something had to be made.
 */
export async function step(quiet: boolean, work: () => Promise<Outcome>): Promise<Outcome> {
  const start = performance.now();
  const outcome = await work();
  const made = outcome.origin === "installed" || outcome.origin === "built";
  if (made || !quiet) say(outcome, performance.now() - start);
  return outcome;
}

function say({ what, origin }: Outcome, milliseconds: number): void {
  console.error(`${what.padEnd(32)} ${origin.padEnd(12)} ${(milliseconds / 1000).toFixed(2)} s`);
}
