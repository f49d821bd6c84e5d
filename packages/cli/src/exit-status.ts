export const exitStatus = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Something failed, and the result that was written says what: there is nothing to add. */
export class Unsuccessful extends Error {}

export const exitStatusHelp = `Exit status:
  0    done
  1    failed; the message says why
  2    the command line, or a value or file that it names, is not of the right form
  130  interrupted`;
