import { setTimeout as delay } from "node:timers/promises";
import { DeployError, isLostLink } from "../../errors.ts";
import type { ActivationRequest } from "../../model/activation-request.ts";
import type { Comparison } from "../../model/comparison.ts";
import type { NatsHostConnection } from "../../model/connection.ts";
import type { GuardEvent } from "../../model/guard-event.ts";
import type { HostStatus, PastDeployment } from "../../model/host-status.ts";
import type { StorePath } from "../../model/store-path.ts";
import { closure, type PathInfo, pathInfos, requisites } from "../../nix/path-info.ts";
import { sign } from "../../nix/sign.ts";
import type { Verb, VerbAnswer, VerbRequest } from "../../wire/v1/verbs.ts";
import { longestWait } from "../../wire/v1/wanted.ts";
import { copyFailure, requireSpace } from "../copy-errors.ts";
import type { CopyOptions, CopyProgress, Host, WhenOff } from "../host.ts";
import type { AskOptions } from "./ask.ts";
import type { Link } from "./link.ts";

const second = 1000;
// How long a host may be out of reach while closures are on their way.
const patience = 120 * second;
// How long a listener is away that was killed, or brings itself up to date.
const restart = 4 * second;
// A message holds that many paths with ease.
const batch = 2000;

type Options = { readonly signal: AbortSignal };

/** The host `name` over NATS: its listener answers with what it is itself on that host. Nothing is connected before the first call. */
export function natsHost(name: string, connection: NatsHostConnection): Host {
  return new NatsHost(name, connection);
}

class NatsHost implements Host {
  readonly name: string;
  readonly whenOff: WhenOff | undefined;
  readonly #connection: NatsHostConnection;
  #opened: Promise<Link> | undefined;
  #status: HostStatus | undefined;

  constructor(name: string, connection: NatsHostConnection) {
    this.name = name;
    this.#connection = connection;
    this.whenOff =
      connection.whenOff === "pending"
        ? {
            leave: (wanted, options) => this.#leave(wanted, options),
            withdraw: () => this.#withdraw(),
          }
        : undefined;
  }

  async inspect({ signal }: Options): Promise<HostStatus> {
    this.#status = await this.#patiently("inspect", {}, { signal }, restart);
    return this.#status;
  }

  async copy(toplevel: StorePath, { signal, onProgress, signingKeyFile }: CopyOptions): Promise<void> {
    if ((await this.#missing([toplevel], signal)).size === 0) return;
    const status = this.#status ?? (await this.inspect({ signal }));
    const lacking = await this.#lacking(await closure(toplevel, signal), signal);
    requireSpace(this.name, sizeOf(lacking), status);
    // What its own caches have need not be sent.
    await this.#substitute(lacking, signal);
    const sent = await this.#lacking(lacking, signal);
    if (sent.length === 0) return;
    const [paths, totalBytes] = [sent.map(({ path }) => path), sizeOf(sent)];
    if (signingKeyFile !== undefined) await sign(paths, signingKeyFile, signal);
    // Half of the way is to the server.
    const progress = { bytes: 0, totalBytes, paths: 0, totalPaths: sent.length };
    onProgress(progress);
    const onUploaded = (bytes: number) => onProgress({ ...progress, bytes: Math.floor(bytes / 2) });
    const noStore = await this.#upload(paths, signal, onUploaded);
    const onFetched = ({ bytes, paths: done }: Pick<CopyProgress, "bytes" | "paths">) =>
      onProgress({
        ...progress,
        bytes: Math.ceil((totalBytes + Math.min(bytes, totalBytes)) / 2),
        paths: done,
      });
    await this.#fetch(toplevel, noStore === undefined, signal, onFetched).catch((error: unknown) => {
      throw noStore === undefined ? copyFailure(this.name, error) : because(noStore, error);
    });
  }

  async realise(
    derivation: StorePath,
    { signal, onOutput }: Options & { onOutput: (line: string) => void },
  ): Promise<void> {
    const needed = await pathInfos(await requisites([derivation], signal), signal);
    const paths = (await this.#lacking(needed, signal)).map(({ path }) => path);
    const noStore = await this.#upload(paths, signal, () => {});
    if (noStore !== undefined) throw noStore;
    const onEvent = ({ line }: { line: string }) => onOutput(line);
    for (let done = false; !done; )
      ({ done } = await this.#patiently("build", { derivation }, { signal, onEvent }));
  }

  async compare(toplevel: StorePath, { signal }: Options): Promise<Comparison> {
    return (await this.#link()).ask("compare", { toplevel }, { signal });
  }

  async history(count: number, { signal }: Options): Promise<PastDeployment[]> {
    return (await (await this.#link()).ask("history", { count }, { signal })).deployments;
  }

  // The listener has its own guard.
  async prepare(): Promise<void> {}

  async begin(request: ActivationRequest, { signal }: Options): Promise<void> {
    await (await this.#link()).ask("begin", request, { signal });
  }

  async follow(
    id: string,
    offset: number,
    { signal, onEvent }: Options & { onEvent: (event: GuardEvent) => void },
  ): Promise<void> {
    const link = await this.#link();
    for (let [next, done] = [offset, false]; !done; ) {
      const onCounted = (event: GuardEvent) => {
        if (event.type !== "alive") next++;
        onEvent(event);
      };
      ({ done } = await link.ask("follow", { id, offset: next }, { signal, onEvent: onCounted }));
    }
  }

  async confirm(id: string, token: string, { signal }: Options): Promise<void> {
    await (await this.#link()).ask("confirm", { id, token }, { signal });
  }

  async abort(id: string, { signal, reason }: Options & { reason?: string | undefined }): Promise<string> {
    return (await (await this.#link()).ask("abort", { id, reason }, { signal })).decision;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#opened?.catch(() => undefined))?.close();
  }

  // Programs that reach no host over NATS do without its library.
  #link(): Promise<Link> {
    this.#opened ??= import("./link.ts").then(({ openLink }) => openLink(this.name, this.#connection));
    this.#opened.catch(() => {
      this.#opened = undefined;
    });
    return this.#opened;
  }

  /** Those of `paths` that the host lacks. */
  async #lacking(paths: readonly PathInfo[], signal: AbortSignal): Promise<PathInfo[]> {
    const missing = await this.#missing(
      paths.map(({ path }) => path),
      signal,
    );
    return paths.filter(({ path }) => missing.has(path));
  }

  async #missing(paths: readonly StorePath[], signal: AbortSignal): Promise<ReadonlySet<StorePath>> {
    const missing = new Set<StorePath>();
    for (let from = 0; from < paths.length; from += batch) {
      const part = paths.slice(from, from + batch);
      const answer = await this.#patiently("missing", { paths: part }, { signal });
      for (const path of answer.missing) missing.add(path);
    }
    return missing;
  }

  async #substitute(infos: readonly PathInfo[], signal: AbortSignal): Promise<void> {
    const paths = infos.map(({ path }) => path);
    for (let from = 0; from < paths.length; from += batch) {
      const request = { paths: paths.slice(from, from + batch) };
      for (let done = false; !done; ) ({ done } = await this.#patiently("substitute", request, { signal }));
    }
  }

  /** Brings what the host lacks to the server; returns why that keeps no closures, if it does not. */
  async #upload(
    paths: readonly StorePath[],
    signal: AbortSignal,
    onProgress: (bytes: number) => void,
  ): Promise<DeployError | undefined> {
    const { closures } = await this.#link();
    try {
      await closures.open();
    } catch (error) {
      if (error instanceof DeployError && error.code === "refused") return error;
      throw error;
    }
    await closures.upload(await pathInfos(paths, signal), { signal, onProgress });
    return undefined;
  }

  // Nobody can say what the host lacks: all of the closure has to be there when it is back.
  async #leave(
    wanted: Parameters<WhenOff["leave"]>[0],
    { signal, onProgress, signingKeyFile }: CopyOptions,
  ): Promise<void> {
    const { closures, nats, to } = await this.#link();
    const paths = (await closure(wanted.toplevel, signal)).map(({ path }) => path);
    await closures.open();
    if (signingKeyFile !== undefined) await sign(paths, signingKeyFile, signal);
    const infos = await pathInfos(paths, signal);
    const total = { totalBytes: sizeOf(infos), paths: 0, totalPaths: paths.length };
    await closures.upload(infos, { signal, onProgress: (bytes) => onProgress({ ...total, bytes }) });
    const { storeWanted } = await import("./wanted.ts");
    const at = Date.now();
    const expires = at + Math.min(closures.lifetime, longestWait);
    await storeWanted(nats, to, { ...wanted, at, expires });
  }

  async #withdraw(): Promise<void> {
    const { nats, to } = await this.#link();
    const { removeWanted } = await import("./wanted.ts");
    await removeWanted(nats, to);
  }

  // In turns, which a host that was out of reach goes on with.
  async #fetch(
    toplevel: StorePath,
    closures: boolean,
    signal: AbortSignal,
    onEvent: (progress: Pick<CopyProgress, "bytes" | "paths">) => void,
  ): Promise<void> {
    for (let done = false; !done; ) {
      ({ done } = await this.#patiently("fetch", { toplevel, closures }, { signal, onEvent }));
    }
  }

  // Of what does no harm when it is asked twice.
  async #patiently<V extends Verb>(
    verb: V,
    request: VerbRequest<V>,
    options: AskOptions<V>,
    limit = patience,
  ): Promise<VerbAnswer<V>> {
    const link = await this.#link();
    for (const start = Date.now(); ; ) {
      try {
        return await link.ask(verb, request, options);
      } catch (error) {
        if (options.signal.aborted || !isLostLink(error) || Date.now() > start + limit) throw error;
        await delay(second, undefined, { signal: options.signal });
      }
    }
  }
}

function sizeOf(paths: readonly PathInfo[]): number {
  return paths.reduce((sum, { bytes }) => sum + bytes, 0);
}

// The host has looked at its own substituters, in vain.
function because(noStore: DeployError, error: unknown): unknown {
  if (!(error instanceof DeployError) || error.code !== "copy-failed") return error;
  return new DeployError("copy-failed", `${noStore.message}; ${error.message}`, {
    cause: error,
    hint: noStore.hint,
  });
}
