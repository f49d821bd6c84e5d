/**
 * What went wrong, in words a program can branch on. Each code's meaning:
 * - `invalid-input`      a value given by the user is not of the right form
 * - `tool-missing`       a program that is needed (nix, ssh) is not on PATH
 * - `evaluation-failed`  Nix could not evaluate the source or one host of it
 * - `build-failed`       a derivation did not build
 * - `unreachable`        no connection to the host: off, no route, refused, login denied
 * - `host-key`           the host's key is not the expected one
 * - `no-space`           the closure does not fit into the host's store
 * - `copy-failed`        copying the closure ended with an error
 * - `refused`            the host does not agree to what was asked of it
 * - `locked`             another deployment is under way on the host
 * - `rolled-back`        the new system was not kept; what ran before runs again
 * - `rollback-failed`    the new system failed and putting back the old one failed too
 * - `superseded`         somebody else changed the host's system while it was being deployed to; theirs was left as it is
 * - `outcome-unknown`    the host fell silent before it told how the deployment ended
 * - `hook-failed`        a command of the controller, run before a step, failed; the step was not taken
 * - `timeout`            a deadline passed
 * - `cancelled`          the user, or the engine, asked to stop
 * - `bad-answer`         a program or a host answered something that cannot be understood
 */
export type ErrorCode =
  | "invalid-input"
  | "tool-missing"
  | "evaluation-failed"
  | "build-failed"
  | "unreachable"
  | "host-key"
  | "no-space"
  | "copy-failed"
  | "refused"
  | "locked"
  | "rolled-back"
  | "rollback-failed"
  | "superseded"
  | "outcome-unknown"
  | "hook-failed"
  | "timeout"
  | "cancelled"
  | "bad-answer";

export interface DeployErrorOptions extends ErrorOptions {
  /** What to do about it; shown after the message, never part of it. */
  readonly hint?: string | undefined;
}

/** The one shape of errors: a code, one sentence with the reason first, the cause, and advice apart. */
export class DeployError extends Error {
  override readonly name = "DeployError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: DeployErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.hint = options.hint;
  }
}

/** The error as people read it: the sentence, and the advice on a line of its own. */
export function explain(error: unknown): string {
  if (!(error instanceof DeployError)) return error instanceof Error ? error.message : String(error);
  return error.hint === undefined ? error.message : `${error.message}\nHint: ${error.hint}`;
}

/** `error` as a DeployError; an abort becomes `cancelled`, or the DeployError it was aborted with. */
export function toDeployError(error: unknown, fallback: ErrorCode): DeployError {
  if (error instanceof DeployError) return error;
  if (error instanceof Error && error.name === "AbortError") {
    return new DeployError("cancelled", "cancelled", { cause: error });
  }
  return new DeployError(fallback, error instanceof Error ? error.message : String(error), { cause: error });
}

/** Whether the host may well be fine, and only the way to it was lost: worth another try. */
export function isLostLink(error: unknown): boolean {
  return error instanceof DeployError && (error.code === "unreachable" || error.code === "timeout");
}
