/**
 * A client of version 1 of the protocol, as an example for other languages: written from docs/protocol.md alone, with a NATS
 * library, the `nix` command, and nothing of this project.
 */
import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { zstdCompressSync } from "node:zlib";
import { connect, createInbox, headers, type NatsConnection, nkeyAuthenticator, type nkeys } from "nats";

// biome-ignore lint/suspicious/noExplicitAny: what a host says is as the document has it
type Json = any;
type Key = ReturnType<typeof nkeys.fromSeed>;
export type Link = { nc: NatsConnection; inbox: string };
/** A host and the way to it; with `key`, its requests are signed. */
export type Host = Link & { tier: string; hostname: string; key?: Key };

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
const bytes = (text: string) => new TextEncoder().encode(text);

/** What a host, or the server, says no with: an error with the code of the protocol. */
const refusal = (code: string, message: string) => Object.assign(new Error(message), { code });

/** Connects as the user of `key`; answers come to subjects that are its own. */
export async function connectAs(servers: string, key: Key): Promise<Link> {
  const inbox = `_INBOX_${key.getPublicKey()}`;
  const authenticator = nkeyAuthenticator(key.getSeed());
  return { nc: await connect({ servers, authenticator, inboxPrefix: inbox }), inbox };
}

/** Tier, host name and role of those who answer within a second. */
export async function discover({ nc }: Link): Promise<Json[]> {
  const found = [];
  const answers = await nc.requestMany("$SRV.INFO.homelab-deploy", "", { maxWait: 1000 });
  for await (const answer of answers) found.push(answer.json<Json>().metadata);
  return found;
}

/** Asks a host: hands over the events, returns the answer, throws an error with its code. */
export async function ask(host: Host, verb: string, request: object, onEvent = (_: Json) => {}) {
  const subject = `homelab.v1.${host.tier}.${host.hostname}.${verb}`;
  const [body, reply] = [JSON.stringify(request), createInbox(host.inbox)];
  const replies = host.nc.subscribe(reply);
  const silence = setTimeout(() => replies.unsubscribe(), 10_000);
  try {
    host.nc.publish(subject, body, { reply, headers: signed(host, subject, body) });
    for await (const message of replies) {
      silence.refresh();
      if (message.headers?.code === 503) throw refusal("unreachable", "nobody listens");
      const { ok, error, event } = message.json<Json>();
      if (error !== undefined) throw refusal(error.code, error.message);
      if (ok !== undefined) return ok;
      if (event.type !== "alive") onEvent(event);
    }
    throw refusal("unreachable", "silent for 10 seconds");
  } finally {
    clearTimeout(silence);
    replies.unsubscribe();
  }
}

function signed({ hostname, key }: Host, subject: string, body: string) {
  const made = headers();
  if (key === undefined) return made;
  const now = Date.now();
  const claims = { Host: hostname, Issued: `${now}`, Expires: `${now + 60_000}`, Nonce: randomUUID() };
  const text = ["homelab-v1", subject, ...Object.values(claims), sha256(body)].join("\n");
  const Signature = Buffer.from(key.sign(bytes(text))).toString("base64");
  for (const [name, value] of Object.entries({ Key: key.getPublicKey(), ...claims, Signature })) {
    made.set(`Homelab-${name}`, value);
  }
  return made;
}

/** Asks again, for `patience` milliseconds, while the host is out of reach. */
async function patiently(patience: number, attempt: () => Promise<Json>) {
  for (const end = Date.now() + patience; ; await sleep(500)) {
    try {
      return await attempt();
    } catch (error) {
      if ((error as Json).code !== "unreachable" || Date.now() > end) throw error;
    }
  }
}

const nix = (...args: string[]) =>
  execFileSync("nix", ["--extra-experimental-features", "nix-command", ...args], { maxBuffer: 2 ** 31 });
const baseName = (path: string) => path.slice("/nix/store/".length);

/** Brings a toplevel to the host by way of the object store; one key signs for all, so there are no signatures to merge. */
export async function copy(host: Host, toplevel: string, signingKeyFile: string): Promise<void> {
  nix("store", "sign", "--recursive", "--key-file", signingKeyFile, toplevel);
  const infos: Json = JSON.parse(nix("path-info", "--recursive", "--json", toplevel).toString());
  const paths = Object.keys(infos);
  const bucket = await host.nc.jetstream().views.os("homelab-closures", { ttl: 7 * 86_400 * 1e9 });
  const limit = (await bucket.status()).ttl / 1e6 || Number.POSITIVE_INFINITY;
  const put = async (name: string, content: () => Uint8Array) => {
    const found = await bucket.info(name);
    if (found?.deleted === false && Date.now() - Date.parse(found.mtime) < limit / 3) return;
    await bucket.putBlob({ name }, content());
  };
  for (let n = 0; n < paths.length; n += 2000) {
    for (const path of (await ask(host, "missing", { paths: paths.slice(n, n + 2000) })).missing) {
      const nar = nix("store", "dump-path", path);
      const url = `nar/${sha256(nar)}.nar.zst`;
      const { references, signatures, ca } = infos[path];
      const narinfo = [
        ...[`StorePath: ${path}`, `URL: ${url}`, "Compression: zstd"],
        ...[`NarHash: sha256:${sha256(nar)}`, `NarSize: ${nar.length}`],
        `References: ${references.map(baseName).join(" ")}`,
        ...signatures.map((signature: string) => `Sig: ${signature}`),
        ...(ca ? [`CA: ${ca}`] : []),
      ];
      await put(url, () => zstdCompressSync(nar));
      await put(`${baseName(path).slice(0, 32)}.narinfo`, () => bytes(`${narinfo.join("\n")}\n`));
    }
  }
  const turn = () => ask(host, "fetch", { toplevel, closures: true });
  while (!(await patiently(120_000, turn)).done);
}

/** Activates `change.to`; says when the host waits, which is when to confirm. Returns how it ended. */
export async function deploy(host: Host, change: object, onWaiting: (confirm: object) => Promise<unknown>) {
  const [id, token] = [randomUUID(), randomUUID()];
  const timeouts = { confirmTimeout: 30_000, activationTimeout: 600_000 };
  const request = { id, token, goal: "switch", by: "plain-v1-client", ...timeouts, ...change };
  await patiently(10_000, () => ask(host, "begin", request));
  let [offset, end, confirmation]: [number, Json, unknown] = [0, undefined, undefined];
  const onEvent = (event: Json) => {
    offset++;
    // What became of it, the host tells at the end.
    if (event.phase === "waiting") confirmation ??= onWaiting({ id, token }).catch(() => {});
    if (event.type === "end") end = event;
  };
  while (end === undefined) await patiently(120_000, () => ask(host, "follow", { id, offset }, onEvent));
  await confirmation;
  return { id, outcome: end.outcome as string, reason: end.reason as string };
}

/** Confirms as soon as the host listens for that. */
export const confirm = (host: Host, request: object) =>
  patiently(30_000, () => ask(host, "confirm", request));

/** What to deploy to take a host back to the generation before. */
export async function generationBefore(host: Host) {
  const { generation, generations } = await ask(host, "inspect", {});
  const older = generations.filter(({ number }: Json) => number < generation);
  const [{ toplevel, number }] = older.sort((one: Json, other: Json) => other.number - one.number);
  return { to: toplevel as string, generation: number as number };
}
