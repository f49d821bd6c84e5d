export const exitStatus = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export const exitStatusHelp = `Exit status:
  0    done
  1    failed; the message says why
  2    the command line, or a value or file that it names, is not of the right form
  130  interrupted`;
