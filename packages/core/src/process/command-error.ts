import { quoteCommand } from "./quote.ts";

/** What is known of a command that did not end well; the fields are those of execa's result. */
export interface FailedCommand {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly timedOut?: boolean | undefined;
  readonly code?: string | undefined;
  readonly originalMessage?: string | undefined;
  readonly stdout?: unknown;
  readonly stderr?: unknown;
}

/** A command that could not be started or did not exit with status 0. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly argv: readonly string[];
  /** Absent when the command was not started, or ended by a signal. */
  readonly exitCode: number | undefined;
  readonly timedOut: boolean;
  /** Whether the program itself was not found. */
  readonly missing: boolean;
  readonly stdout: string;
  readonly stderr: string;

  constructor(argv: readonly string[], failure: FailedCommand) {
    super(`${reason(failure)}: ${shorten(quoteCommand(argv))}`);
    this.argv = argv;
    this.exitCode = failure.exitCode;
    this.timedOut = failure.timedOut ?? false;
    this.missing = failure.code === "ENOENT";
    this.stdout = String(failure.stdout ?? "");
    this.stderr = String(failure.stderr ?? "");
  }
}

/** The last `count` lines of `text` that are not blank. */
export function lastLines(text: string, count: number): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .slice(-count)
    .join("\n");
}

function reason(failure: FailedCommand): string {
  if (failure.timedOut) return "timed out";
  if (failure.code === "ENOENT") return "program not found";
  if (failure.signal !== undefined) return `ended by ${failure.signal}`;
  if (failure.exitCode !== undefined) return `exit status ${failure.exitCode}`;
  return failure.originalMessage ?? "could not be started";
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
