/**
 * A client of version 1 of the protocol, as an example: written from docs/protocol.md, with a NATS library, the `nix` command and
 * nothing of this project.
 */
import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { zstdCompressSync } from "node:zlib";
import { createInbox, headers, type NatsConnection, nkeys } from "nats";

/** A host and the way to it; with `seed`, an NKey's, requests are signed. */
export type Host = { nc: NatsConnection; tier: string; hostname: string; seed?: string };
// biome-ignore lint/suspicious/noExplicitAny: what the host says, as the document has it
type Json = any;

export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The listeners that answer within a second. */
export async function discover(nc: NatsConnection): Promise<{ hostname: string; tier: string; role?: string }[]> {
  const hosts = [];
  for await (const reply of await nc.requestMany("$SRV.INFO.homelab-deploy", "", { maxWait: 1000 })) {
    hosts.push(reply.json<Json>().metadata);
  }
  return hosts;
}

/** Asks a host for `verb`, hands over the events and returns the answer. */
export async function ask(host: Host, verb: string, request: object, onEvent = (_: Json) => {}): Promise<Json> {
  const subject = `homelab.v1.${host.tier}.${host.hostname}.${verb}`;
  const body = JSON.stringify(request);
  const reply = createInbox();
  const replies = host.nc.subscribe(reply);
  const silence = setTimeout(() => replies.unsubscribe(), 10_000);
  try {
    host.nc.publish(subject, body, { reply, headers: signed(host, subject, body) });
    for await (const message of replies) {
      silence.refresh();
      if (message.headers?.code === 503) throw new Refusal("unreachable", "nobody listens");
      const { ok, error, event } = message.json<Json>();
      if (error) throw new Refusal(error.code, error.message);
      if (ok) return ok;
      if (event.type !== "alive") onEvent(event);
    }
    throw new Refusal("unreachable", "silent for 10 seconds");
  } finally {
    clearTimeout(silence);
    replies.unsubscribe();
  }
}

/** Headers of a signed request. */
function signed({ seed, hostname }: Host, subject: string, body: string) {
  const result = headers();
  if (seed === undefined) return result;
  const key = nkeys.fromSeed(new TextEncoder().encode(seed));
  const issued = Date.now();
  const values = [hostname, `${issued}`, `${issued + 30_000}`, randomUUID()];
  const lines = ["homelab-v1", subject, ...values, createHash("sha256").update(body).digest("hex")];
  ["Host", "Issued", "Expires", "Nonce"].forEach((name, n) => {
    result.set(`Homelab-${name}`, values[n] as string);
  });
  result.set("Homelab-Key", key.getPublicKey());
  result.set("Homelab-Signature", Buffer.from(key.sign(new TextEncoder().encode(lines.join("\n")))).toString("base64"));
  return result;
}

/** Stores what the host lacks of a closure in the object store, and has the host fetch it. */
export async function copy(host: Host, toplevel: string, signingKeyFile: string): Promise<void> {
  nix("store", "sign", "--recursive", "--key-file", signingKeyFile, toplevel);
  const infos = JSON.parse(nix("path-info", "--recursive", "--json", toplevel).toString());
  const paths = Object.keys(infos);
  const missing: string[] = [];
  for (let n = 0; n < paths.length; n += 2000) {
    missing.push(...(await ask(host, "missing", { paths: paths.slice(n, n + 2000) })).missing);
  }
  const week = 7 * 24 * 3600_000;
  const bucket = await host.nc.jetstream().views.os("homelab-closures", { ttl: week * 1e6 });
  for (const path of missing) {
    const name = `${hashOf(path)}.narinfo`;
    const stored = await bucket.info(name);
    if (stored && Date.now() - Date.parse(stored.mtime) < week / 3) continue;
    const nar = nix("store", "dump-path", path);
    const hash = createHash("sha256").update(nar).digest("hex");
    const url = `nar/${hash}.nar.zst`;
    const { references, signatures, ca } = infos[path];
    const lines = [
      `StorePath: ${path}`,
      `URL: ${url}`,
      "Compression: zstd",
      `NarHash: sha256:${hash}`,
      `NarSize: ${nar.length}`,
      `References: ${references.map((path: string) => path.slice("/nix/store/".length)).join(" ")}`,
      ...signatures.map((signature: string) => `Sig: ${signature}`),
      ...(ca ? [`CA: ${ca}`] : []),
    ];
    await bucket.putBlob({ name: url }, zstdCompressSync(nar));
    await bucket.putBlob({ name }, new TextEncoder().encode(`${lines.join("\n")}\n`));
  }
  while (!(await ask(host, "fetch", { toplevel, closures: true })).done);
}

const hashOf = (path: string) => path.slice("/nix/store/".length).split("-")[0];
const nix = (...args: string[]) =>
  execFileSync("nix", ["--extra-experimental-features", "nix-command", ...args], { maxBuffer: 2 ** 31 });

/** Hands over the events of a deployment until its end. */
export async function follow(host: Host, id: string, onEvent: (event: Json) => void, timeout: number): Promise<void> {
  let offset = 0;
  await until(timeout, async () => {
    const turn = { id, offset };
    const count = (event: Json) => {
      offset += 1;
      onEvent(event);
    };
    return (await ask(host, "follow", turn, count)).done;
  });
}

/** Confirms a deployment as soon as its host listens for that. */
export function confirm(host: Host, id: string, token: string, timeout: number): Promise<void> {
  return until(timeout, async () => (await ask(host, "confirm", { id, token })) !== undefined);
}

/** Tries until `step` is true, also while the host is out of reach, `timeout` milliseconds at most. */
async function until(timeout: number, step: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + timeout; ; ) {
    try {
      if (await step()) return;
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "unreachable") || Date.now() > end) throw error;
      await sleep(500);
    }
  }
}
