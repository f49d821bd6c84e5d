import type { Config } from "./config/schema.ts";

/** What a command has of the world. */
export interface Surroundings {
  /** Results. */
  readonly stdout: (text: string) => void;
  /** The story, and what went wrong. */
  readonly stderr: (text: string) => void;
  /** Width of the terminal that the story is told on; absent where there is none. */
  readonly columns?: (() => number) | undefined;
  /** Whether results go to a terminal. */
  readonly isTerminal?: boolean | undefined;
  /** Aborted when the user interrupts the command. */
  readonly signal: AbortSignal;
}

/** The same, with what the configuration file says: that is read before a command begins. */
export interface CommandContext extends Surroundings {
  config: Config;
}
