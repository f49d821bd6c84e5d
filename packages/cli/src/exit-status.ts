/** `unread` is what a shell tells of a program that the signal SIGPIPE has ended. */
export const exitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  changes: 3,
  interrupted: 130,
  unread: 141,
} as const;

/** The command ends with this status, and the result that was written says why: there is nothing to add. */
export class Ended extends Error {
  readonly status: number;

  constructor(status: number) {
    super();
    this.status = status;
  }
}

export const exitStatusHelp = `Exit status:
  0    done
  1    failed; the message, or the row of a host, says why
  2    the command line, or a value or file that it names, is not of the right form
  3    plan --detailed-exitcode: there is something to change
  130  interrupted
  141  whoever read standard output has left, as head does`;
