// Characters that no POSIX shell gives a meaning to.
const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** `argument` as one word of a POSIX shell's command line. */
export function quoteArgument(argument: string): string {
  if (argument.includes("\0")) throw new RangeError("an argument cannot hold a NUL character");
  return plain.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** `argv` as a command line of a POSIX shell: what ssh(1) sends is parsed by the login shell of the host. */
export function quoteCommand(argv: readonly string[]): string {
  return argv.map(quoteArgument).join(" ");
}
