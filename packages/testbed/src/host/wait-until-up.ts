import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isOn } from "./machine.ts";

const ATTEMPT_MILLISECONDS = 1000;
const PAUSE_MILLISECONDS = 50;
const CONSOLE_LINES = 20;

/**
 * Settles when the sshd of the host at `address` greets. Throws, with the end of its console, when the host is off or
 * when `signal` is aborted before that.
 */
export async function waitUntilUp(
  name: string,
  directory: string,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  while (!(await greetsAsSsh(address))) {
    if (signal.aborted)
      throw await failure(`no answer from sshd of ${name} at ${address} in time`, directory);
    if (!(await isOn(directory))) throw await failure(`${name} went off while booting`, directory);
    await sleep(PAUSE_MILLISECONDS);
  }
}

function greetsAsSsh(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ATTEMPT_MILLISECONDS, () => end(false));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
    socket.once("data", (greeting) => end(greeting.toString("latin1").startsWith("SSH-")));
  });
}

async function failure(what: string, directory: string): Promise<Error> {
  const console = await readFile(join(directory, "console.log"), "utf8").catch(() => "");
  return new Error(
    `${what}; its console:\n${console.trimEnd().split("\n").slice(-CONSOLE_LINES).join("\n")}`,
  );
}
