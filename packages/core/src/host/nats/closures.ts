import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { createZstdCompress } from "node:zlib";
import { NatsError } from "nats";
import pLimit from "p-limit";
import { DeployError } from "../../errors.ts";
import { dump } from "../../nix/dump.ts";
import { narHashHex, narinfo, narinfoName, signaturesIn } from "../../nix/narinfo.ts";
import type { PathInfo } from "../../nix/path-info.ts";
import { closureBucket } from "../../wire/v1/subjects.ts";
import type { ConnectedNats } from "./connect.ts";
import { fromNats } from "./errors.ts";
import { type ObjectInfo, ObjectStore } from "./object-store.ts";
import { isLoss } from "./patiently.ts";
import { SharedWork } from "./shared-work.ts";

const uploads = pLimit(4);
const looks = pLimit(32);
const attempts = 5;
// How long a server may be away.
const patience = 120_000;

export interface UploadOptions {
  readonly signal: AbortSignal;
  /** Told now and then how many bytes of the paths are in the store. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * A binary cache in JetStream's object store. A path is uploaded once for all hosts of this process, and not again while
 * the store has it for some time to come.
 */
export class Closures {
  readonly #nats: ConnectedNats;
  readonly #store: ObjectStore;
  readonly #work = new SharedWork<void>();
  readonly #sent = new Map<string, number>();
  #maxAge: number | undefined;

  constructor(nats: ConnectedNats) {
    this.#nats = nats;
    this.#store = new ObjectStore(nats, closureBucket);
  }

  /** Makes the store where there is none. Throws `refused` when there cannot be one. */
  async open(): Promise<void> {
    if (this.#maxAge !== undefined) return;
    this.#maxAge = await this.#store.ensure().catch((error: unknown) => {
      throw noStore(error);
    });
  }

  /** How many milliseconds what is uploaded now, or was found there, stays at least. */
  get lifetime(): number {
    return ((this.#maxAge ?? 0) * 2) / 3;
  }

  /** Brings `paths` into the store. Throws `copy-failed`. */
  async upload(paths: readonly PathInfo[], { signal, onProgress }: UploadOptions): Promise<void> {
    signal.throwIfAborted();
    // With another signature it is another upload.
    const keys = paths.map(({ path, signatures }) => [path, ...signatures].join(" "));
    const shares = paths.map((info, index) => {
      const key = keys[index] ?? "";
      const onSent = (bytes: number) => this.#sent.set(key, bytes);
      return this.#work.join(key, (given) => this.#bring(info, given, onSent));
    });
    const tell = () => onProgress(keys.reduce((sum, key) => sum + (this.#sent.get(key) ?? 0), 0));
    const timer = setInterval(tell, 200);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([Promise.all(shares.map(({ result }) => result)), aborted]);
      tell();
    } finally {
      clearInterval(timer);
      signal.removeEventListener("abort", abort);
      for (const share of shares) share.leave();
    }
  }

  async #bring(info: PathInfo, signal: AbortSignal, onSent: (bytes: number) => void): Promise<void> {
    const nar = `nar/${narHashHex(info)}.nar.zst`;
    const name = narinfoName(info.path);
    const wanted = await looks(() => this.#narinfoToStore(name, info, nar));
    if (wanted !== undefined) {
      await uploads(async () => {
        if (!this.#stays(await this.#store.info(nar))) {
          await this.#persist(signal, () => this.#putNar(nar, info, signal, onSent));
        }
        await this.#persist(signal, () => this.#store.put(name, [Buffer.from(wanted)]));
      }).catch((error: unknown) => {
        signal.throwIfAborted();
        throw notStored(info.path, error);
      });
    }
    onSent(info.bytes);
  }

  // Undefined when the store has it, with all signatures that this machine knows.
  async #narinfoToStore(name: string, info: PathInfo, nar: string): Promise<string | undefined> {
    const wanted = narinfo(info, nar, "zstd");
    const stored = await this.#store.info(name);
    if (stored === undefined || !this.#stays(stored)) return wanted;
    if (stored.digest === digestOf(wanted)) return undefined;
    const there = signaturesIn(await text(this.#store.read(stored)));
    const signatures = [...new Set([...info.signatures, ...there])];
    const merged = narinfo({ ...info, signatures }, nar, "zstd");
    return stored.digest === digestOf(merged) ? undefined : merged;
  }

  // A NAR is at most a third of the age older than its narinfo: hosts have another third to get both.
  #stays(stored: ObjectInfo | undefined): boolean {
    return stored !== undefined && Date.now() < stored.mtime.getTime() + (this.#maxAge ?? 0) / 3;
  }

  async #putNar(
    name: string,
    { path }: PathInfo,
    signal: AbortSignal,
    onSent: (bytes: number) => void,
  ): Promise<void> {
    let sent = 0;
    const counted = async function* () {
      for await (const part of dump(path, signal)) {
        sent += part.length;
        onSent(sent);
        yield part;
      }
    };
    await pipeline(Readable.from(counted()), createZstdCompress(), (parts: AsyncIterable<Uint8Array>) =>
      this.#store.put(name, parts),
    );
  }

  // Begins anew when the server was lost meanwhile, as soon as it is back.
  async #persist(signal: AbortSignal, put: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await put();
      } catch (error) {
        signal.throwIfAborted();
        if (attempt === attempts || !isLoss(error)) throw error;
        // A cluster that lost a server chooses another one for its work.
        await delay(attempt * 2000, undefined, { signal });
        await Promise.race([
          this.#nats.connection.flush(),
          delay(patience, undefined, { signal, ref: false }),
        ]);
      }
    }
  }
}

function digestOf(text: string): string {
  return `SHA-256=${createHash("sha256").update(text).digest("base64").replaceAll("+", "-").replaceAll("/", "_")}`;
}

function noStore(cause: unknown): DeployError {
  const reason =
    cause instanceof NatsError && cause.code === "503" ? "it has no JetStream" : messageOf(cause);
  return new DeployError("refused", `the NATS server keeps no closures: ${reason}`, {
    cause,
    hint: "Switch JetStream on in its configuration, or give the hosts a binary cache (substituters) that has the closure.",
  });
}

function notStored(path: string, cause: unknown): DeployError {
  return new DeployError("copy-failed", `${path} was not stored on the NATS server: ${messageOf(cause)}`, {
    cause,
  });
}

function messageOf(error: unknown): string {
  const translated = fromNats(closureBucket, error);
  return translated instanceof Error ? translated.message : String(translated);
}
