import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  DiscardPolicy,
  headers,
  type JetStreamClient,
  type JetStreamManager,
  NatsError,
  nanos,
  nuid,
} from "nats";
import { z } from "zod";
import type { ConnectedNats } from "./connect.ts";
import { patiently } from "./patiently.ts";
import { replicated } from "./replicated.ts";

const chunkSize = 256 * 1024;
// Chunks that are sent before the server has acknowledged the first of them.
const inFlight = 8;
const timeout = 10_000;
// How long a server of a cluster may be behind.
const lag = 1_000;
const week = 7 * 24 * 3_600_000;

const infoSchema = z.object({
  nuid: z.string(),
  size: z.number(),
  chunks: z.number(),
  mtime: z.coerce.date(),
  /** `SHA-256=` and the hash in URL-safe base 64. */
  digest: z.string().default(""),
  deleted: z.boolean().default(false),
});

export type ObjectInfo = z.infer<typeof infoSchema>;
/** The first message of a subject from `seq` on. */
interface Query {
  readonly seq: number;
  readonly next_by_subj: string;
}

type Parts = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Objects in a JetStream bucket, laid out as NATS's architecture decision 20 has it, so that its own tools read them too.
 * Never is a whole object in memory.
 */
export class ObjectStore {
  readonly bucket: string;
  readonly #nats: ConnectedNats;
  #access: Promise<{ readonly client: JetStreamClient; readonly manager: JetStreamManager }> | undefined;

  constructor(nats: ConnectedNats, bucket: string) {
    this.#nats = nats;
    this.bucket = bucket;
  }

  /** Makes the bucket where there is none; its objects go after a week. Returns after how many milliseconds they go. */
  ensure(): Promise<number> {
    return patiently(this.#nats.connection, async () => {
      const { manager } = await this.#jetstream();
      try {
        const { config } = await manager.streams.info(this.#stream);
        return config.max_age / 1_000_000 || Number.POSITIVE_INFINITY;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        await replicated(this.#nats.connection, (replicas) => makeBucket(manager, this.bucket, replicas));
        return week;
      }
    });
  }

  /** What is stored under `name`; `expected`: it was stored a moment ago, maybe. */
  async info(name: string, { expected = false } = {}): Promise<ObjectInfo | undefined> {
    const subject = this.#metaSubject(name);
    const found = await (expected ? this.#getExpected(subject) : this.#get(subject));
    const info = found && infoSchema.parse(JSON.parse(new TextDecoder().decode(found.data)));
    return info?.deleted ? undefined : info;
  }

  /** Stores `parts` under `name`, in the place of what was there. What cannot be stored whole leaves no object. */
  async put(name: string, parts: Parts): Promise<void> {
    const { client, manager } = await this.#jetstream();
    const before = await this.info(name);
    const id = nuid.next();
    const hash = createHash("sha256");
    const acknowledged: Promise<unknown>[] = [];
    let [size, chunks] = [0, 0];
    try {
      for await (const chunk of inChunks(parts, this.#chunkSize())) {
        hash.update(chunk);
        size += chunk.length;
        chunks++;
        const sent = client.publish(this.#chunkSubject(id), chunk, { timeout });
        sent.catch(() => {});
        acknowledged.push(sent);
        if (acknowledged.length >= inFlight) await acknowledged.shift();
      }
      await Promise.all(acknowledged);
      const digest = `SHA-256=${hash.digest("base64").replaceAll("+", "-").replaceAll("/", "_")}`;
      const meta = {
        name,
        bucket: this.bucket,
        nuid: id,
        size,
        chunks,
        digest,
        mtime: new Date().toISOString(),
      };
      const replacing = headers();
      replacing.set("Nats-Rollup", "sub");
      const options = { headers: replacing, timeout };
      await client.publish(this.#metaSubject(name), JSON.stringify(meta), options);
    } catch (error) {
      this.#purge(manager, id);
      throw error;
    }
    if (before !== undefined) this.#purge(manager, before.nuid);
  }

  /** The parts of an object. */
  async *read({ nuid: id, chunks }: ObjectInfo): AsyncGenerator<Uint8Array> {
    for (let [seq, left] = [1, chunks]; left > 0; left--) {
      const subject = this.#chunkSubject(id);
      const chunk = await this.#getExpected(subject, { seq, next_by_subj: subject });
      if (chunk === undefined)
        throw new Error(`an object of ${this.bucket} lacks ${left} of its ${chunks} parts`);
      seq = chunk.seq + 1;
      yield chunk.data;
    }
  }

  get #stream(): string {
    return `OBJ_${this.bucket}`;
  }

  #metaSubject(name: string): string {
    const encoded = Buffer.from(name).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
    return `$O.${this.bucket}.M.${encoded}`;
  }

  #chunkSubject(id: string): string {
    return `$O.${this.bucket}.C.${id}`;
  }

  #chunkSize(): number {
    return Math.min(chunkSize, (this.#nats.connection.info?.max_payload ?? chunkSize) - 4096);
  }

  // A direct get: from any server of the cluster that has it, and with the least permission.
  async #get(subject: string, query?: Query) {
    const path = query === undefined ? `${this.#stream}.${subject}` : this.#stream;
    const request = `$JS.API.DIRECT.GET.${path}`;
    const answer = await patiently(this.#nats.connection, () =>
      this.#nats.connection.request(request, query && JSON.stringify(query), { timeout }),
    );
    const { headers: told } = answer;
    if (told?.code === 404) return undefined;
    if (told === undefined || told.code >= 300) throw new Error(`${request}: ${told?.description}`);
    return { seq: Number(told.get("Nats-Sequence")), data: answer.data };
  }

  // The server of a cluster that is asked may come to know of it a little later.
  async #getExpected(subject: string, query?: Query) {
    const wait = this.#nats.connection.info?.cluster === undefined ? 0 : lag;
    for (const start = Date.now(); ; await delay(100)) {
      const found = await this.#get(subject, query);
      if (found !== undefined || Date.now() >= start + wait) return found;
    }
  }

  // What stays is gone when it is too old.
  #purge(manager: JetStreamManager, id: string): void {
    manager.streams.purge(this.#stream, { filter: this.#chunkSubject(id) }).catch(() => {});
  }

  #jetstream() {
    this.#access ??= (async () => {
      const manager = await this.#nats.connection.jetstreamManager({ checkAPI: false });
      return { manager, client: this.#nats.connection.jetstream() };
    })();
    return this.#access;
  }
}

/** Makes a bucket whose objects go after a week. */
export async function makeBucket(manager: JetStreamManager, bucket: string, replicas: number): Promise<void> {
  await manager.streams.add({
    name: `OBJ_${bucket}`,
    subjects: [`$O.${bucket}.C.>`, `$O.${bucket}.M.>`],
    max_age: nanos(week),
    num_replicas: replicas,
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_rollup_hdrs: true,
  });
}

async function* inChunks(parts: Parts, size: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (let part of parts) {
    while (bytes + part.length >= size) {
      const rest = part.subarray(size - bytes);
      yield Buffer.concat([...held, part.subarray(0, size - bytes)]);
      [held, bytes, part] = [[], 0, rest];
    }
    if (part.length > 0) held.push(part);
    bytes += part.length;
  }
  if (bytes > 0) yield Buffer.concat(held);
}

function isNotFound(error: unknown): boolean {
  return error instanceof NatsError && error.code === "404";
}
