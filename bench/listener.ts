import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startNatsServer } from "@homelab-deploy/testbed";
import { connect, nkeys } from "nats";
import { bundleCommand } from "../packages/cli/build.ts";
import { repeat } from "./measure.ts";
import { residentMemory } from "./process.ts";
import type { Report } from "./report.ts";

const rounds = 2;
const requests = 5_000;
// Loading is over, and what it left behind has been collected.
const settled = 4_000;

/** Memory that a listener has in use while nothing is asked of it, beside that of a Node process that does nothing. */
export async function benchListener(tell: (step: string) => void): Promise<Report> {
  const directory = await mkdtemp(join(tmpdir(), "homelab-bench-listener-"));
  await using server = await startNatsServer();
  try {
    const program = join(directory, "homelab-deploy.mjs");
    const nkeyFile = join(directory, "nkey");
    await bundleCommand(program);
    await writeFile(nkeyFile, nkeys.createUser().getSeed());
    const flags = ["--hostname", "web01", "--tier", "test", "--flake-url", "git+https://localhost/x.git"];
    const reach = ["--nats-url", server.url, "--nkey-file", nkeyFile];
    // As the Nix package starts it.
    const listener = ["--lite-mode", program, "listener", ...flags, ...reach];
    const times = await repeat(rounds, async () => {
      tell("an empty process, and a listener");
      const empty = await memoryOf(["--eval", "setInterval(() => {}, 1e9)"]);
      const idle = await memoryOf(listener);
      tell(`a listener after ${requests} requests`);
      const asked = await memoryOf(listener, () => ask(server.url));
      return { "empty node process": empty, "idle listener": idle, "listener that was asked much": asked };
    });
    const baseline = "empty node process";
    return {
      unit: "MiB",
      times,
      comparisons: [
        { subject: "idle listener", baseline, bound: 1.6 },
        { subject: "listener that was asked much", baseline },
      ],
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

// In MiB, when the program has started and been used.
async function memoryOf(args: readonly string[], use: () => Promise<void> = async () => {}): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const exit = once(child, "exit");
  try {
    await sleep(settled);
    await use();
    return await residentMemory(child.pid as number);
  } finally {
    child.kill();
    await exit;
  }
}

async function ask(servers: string): Promise<void> {
  const nats = await connect({ servers });
  for (let count = 0; count < requests; count++)
    await nats.request("deploy.discover", "{}", { timeout: 10_000 });
  await nats.close();
  await sleep(settled);
}
