/** What a command has of the world. */
export interface Surroundings {
  /** Results. */
  readonly stdout: (text: string) => void;
  /** The story, and what went wrong. */
  readonly stderr: (text: string) => void;
  /** Aborted when the user interrupts the command. */
  readonly signal: AbortSignal;
}
