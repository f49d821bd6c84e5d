import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectedNats, discoverSubject } from "@homelab-deploy/core/nats";
import { bundleCommand } from "../../packages/cli/build.ts";
import { requestDeployment } from "../../packages/cli/src/nats/request-deployment.ts";
import { startNatsSite } from "../../packages/cli/test/support/nats-site.ts";
import { residentMemory, startProcess } from "../process.ts";
import type { Report } from "../report.ts";
import { hostName, tier } from "./names.ts";

const deployments = 400;
const requestsEach = 20;
const timeout = 60_000;
// What the last request left behind has been collected.
const settled = 4_000;
const { signal } = new AbortController();

/** Memory that one listener has in use after a quarter, a half and all of many deployments and discovery requests. */
export async function benchFlat(
  tell: (step: string) => void,
): Promise<Pick<Report, "unit" | "times" | "comparisons">> {
  tell(`one listener, ${deployments} deployments`);
  const users = [`deployers: { ci: { tier: ${tier} } }`, "admins: { alice: }"];
  await using site = await startNatsSite(
    [`hosts: { ${hostName(0)}: { tier: ${tier} } }`, ...users].join("\n"),
  );
  const program = join(site.server.directory, "listeners.mjs");
  await bundleCommand(program, join(import.meta.dirname, "listeners.ts"));
  // As the NixOS module starts it.
  const command = [process.execPath, "--lite-mode", program, site.server.url, site.keys, "0", "1"];
  await using listener = await startProcess(command);
  const nats = await site.connect("deployers/ci");
  const times: Record<string, { min: number; median: number }> = {};
  const after = async (done: number) => {
    await sleep(settled);
    const memory = await residentMemory(listener.pid);
    times[nameOf(done)] = { min: memory, median: memory };
  };
  const moments = [deployments / 4, deployments / 2, deployments];
  for (let done = 1; done <= deployments; done++) {
    await work(nats, done);
    if (moments.includes(done)) await after(done);
  }
  const comparison = { subject: nameOf(deployments), baseline: nameOf(deployments / 4), bound: 1.1 };
  return { unit: "MiB", times, comparisons: [comparison] };
}

async function work(nats: ConnectedNats, number: number): Promise<void> {
  const subject = `deploy.${tier}.${hostName(0)}`;
  const request = { action: "switch", revision: `revision-${number}` } as const;
  const options = { signal, timeout, onResponse: () => {} };
  const { completed, hosts } = await requestDeployment(nats, subject, request, options);
  if (!completed) throw new Error(`deployment ${number}: ${hosts[0]?.message}`);
  for (let count = 0; count < requestsEach; count++)
    await nats.connection.request(discoverSubject, "{}", { timeout });
}

function nameOf(done: number): string {
  return `listener after ${done} deployments, ${done * requestsEach} requests`;
}
