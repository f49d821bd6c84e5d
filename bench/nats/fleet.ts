import { join } from "node:path";
import { type NatsSite, startNatsSite } from "../../packages/cli/test/support/nats-site.ts";
import { startProcess } from "../process.ts";
import { hostName, keyFile, tier } from "./names.ts";

const processes = 4;

/** A server, with the configuration that nats-config writes and the stores that it makes, and a listener for each host. */
export interface NatsFleet extends AsyncDisposable {
  readonly url: string;
  /** File with the seed of a user who deploys to the hosts. */
  readonly deployer: string;
  readonly site: NatsSite;
}

export async function openNatsFleet(count: number): Promise<NatsFleet> {
  await using undo = new AsyncDisposableStack();
  const hosts = Array.from({ length: count }, (_, number) => `  ${hostName(number)}: { tier: ${tier} }`);
  const users = [`deployers: { ci: { tier: ${tier} } }`, "admins: { alice: }"];
  const site = undo.use(await startNatsSite(["hosts:", ...hosts, ...users].join("\n")));
  const { url } = site.server;
  const each = Math.ceil(count / processes);
  const start = async (first: number) =>
    undo.use(
      await startProcess(
        sourceCommand("listeners.ts", url, site.keys, String(first), String(Math.min(each, count - first))),
      ),
    );
  await Promise.all(Array.from({ length: Math.ceil(count / each) }, (_, number) => start(number * each)));
  const kept = undo.move();
  const deployer = keyFile(site.keys, "deployers/ci");
  return { url, deployer, site, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** The command of a program of this folder, with the sources of the packages. */
export function sourceCommand(program: string, ...args: readonly string[]): string[] {
  return [
    process.execPath,
    "--conditions=@homelab-deploy/source",
    join(import.meta.dirname, program),
    ...args,
  ];
}
