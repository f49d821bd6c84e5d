import { runCommand } from "./run-command.ts";

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());

process.exitCode = await runCommand(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  columns: process.stderr.isTTY ? () => process.stderr.columns : undefined,
  isTerminal: process.stdout.isTTY,
  signal: interrupted.signal,
});
