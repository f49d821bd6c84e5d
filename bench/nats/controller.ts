// node controller.ts URL KEYFILE COUNT REVISION: does what a controller does with that many hosts, and writes how long each
// took, in milliseconds, and its own peak memory, in MiB, as JSON. Fails when not all hosts answered.
import { openHost } from "@homelab-deploy/core";
import { connectNats, discoverSubject, serviceName, writeDiscoverRequest } from "@homelab-deploy/core/nats";
import { createInbox } from "nats";
import { ownReplySubject } from "../../packages/cli/src/nats/collect.ts";
import { runCommand } from "../../packages/cli/src/run-command.ts";
import { elapsed } from "../measure.ts";
import { floorSubject, hostName, tier } from "./names.ts";

const [url = "", nkeyFile = "", countText = "", revision = ""] = process.argv.slice(2);
const count = Number(countText);
const limit = 60_000;
const { signal } = new AbortController();
const nats = await connectNats({ url, nkeyFile, name: "bench", signal });

// Connected and warm, as none of the commands is.
await gather(floorSubject, createInbox(nats.inboxPrefix));
const floor = await gather(floorSubject, createInbox(nats.inboxPrefix));
const discovery = await gather(discoverSubject, ownReplySubject(nats));
const ping = await gather(`$SRV.PING.${serviceName}`, createInbox(nats.inboxPrefix));
const info = await gather(`$SRV.INFO.${serviceName}`, createInbox(nats.inboxPrefix));
const inspection = await elapsed(inspectAll);
await nats.close();
const hosts = await elapsed(listHosts);
const deployment = await deployAll();
const peak = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ floor, discovery, ping, info, inspection, hosts, ...deployment, peak }));

// From one request to the answer of the last host, with no work of the commands.
async function gather(subject: string, replyTo: string): Promise<number> {
  const { promise: all, resolve, reject } = Promise.withResolvers<void>();
  let answers = 0;
  const callback = () => {
    answers++;
    if (answers === count) resolve();
  };
  const subscription = nats.connection.subscribe(replyTo, { callback });
  const timer = setTimeout(
    () => reject(new Error(`${subject}: ${answers} of ${count} hosts answered`)),
    limit,
  );
  try {
    return await elapsed(async () => {
      nats.connection.publish(subject, writeDiscoverRequest(replyTo), { reply: replyTo });
      await all;
    });
  } finally {
    clearTimeout(timer);
    subscription.unsubscribe();
  }
}

async function inspectAll(): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const connection = { nats: { url, nkeyFile, tier } };
  const names = Array.from({ length: count }, (_, number) => hostName(number));
  const all = names.map((name) => opened.use(openHost(name, connection)));
  const found = await Promise.all(all.map((host) => host.inspect({ signal })));
  if (found.some(({ hostname }, number) => hostname !== names[number])) throw new Error("hosts are mixed up");
}

async function listHosts(): Promise<void> {
  const listed = JSON.parse(await run("hosts")) as unknown[];
  if (listed.length !== count) throw new Error(`hosts: ${listed.length} of ${count} were found`);
}

async function deployAll(): Promise<{ accepted: number; completed: number }> {
  const start = performance.now();
  let waiting = count;
  let accepted = Number.NaN;
  const onStory = (text: string) => {
    if (!/^host[0-9]+: accepted/.test(text)) return;
    waiting--;
    if (waiting === 0) accepted = performance.now() - start;
  };
  await run("deploy", onStory, `deploy.${tier}.all`, "--branch", revision);
  return { accepted, completed: performance.now() - start };
}

// Runs the command with what it needs to reach the server; returns its result.
async function run(
  command: string,
  onStory: (text: string) => void = () => {},
  ...args: readonly string[]
): Promise<string> {
  let result = "";
  const stdout = (text: string) => {
    result += text;
  };
  let last = "";
  const stderr = (text: string) => {
    last = text;
    onStory(text);
  };
  const argv = [command, ...args, "--json", "--nats-url", url, "--nkey-file", nkeyFile];
  const status = await runCommand(argv, { stdout, stderr, signal });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${last}${result.slice(0, 1000)}`);
  return result;
}
