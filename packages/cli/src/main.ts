import { exitStatus } from "./exit-status.ts";
import { runCommand } from "./run-command.ts";

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());

// What cannot be written ends the command, as an interrupt does; that its reader has left goes without saying.
let unwritten: number | undefined;
process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  if (code !== "EPIPE" && unwritten === undefined) process.stderr.write(`standard output: ${message}\n`);
  unwritten ??= code === "EPIPE" ? exitStatus.unread : exitStatus.failed;
  process.exitCode = unwritten;
  interrupted.abort();
});
// A deployment goes on when nobody reads the story any more.
process.stderr.on("error", () => {});

const status = await runCommand(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  columns: process.stderr.isTTY ? () => process.stderr.columns : undefined,
  isTerminal: process.stdout.isTTY,
  signal: interrupted.signal,
});
process.exitCode = unwritten ?? status;
// What is left open holds nothing up, such as a connection that a server took and never answered.
setTimeout(() => process.exit(), 1000).unref();
