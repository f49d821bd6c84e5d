import pLimit from "p-limit";
import { z } from "zod";
import { guardStorePath } from "../activation/guard.ts";
import { begunSchema, encodeRequest, parseAnswer, parseEvent } from "../activation/protocol.ts";
import { DeployError } from "../errors.ts";
import type { ActivationRequest } from "../model/activation-request.ts";
import { type Comparison, comparisonSchema } from "../model/comparison.ts";
import type { GuardEvent } from "../model/guard-event.ts";
import { type HostStatus, type PastDeployment, pastDeploymentSchema } from "../model/host-status.ts";
import { isStorePath, type StorePath } from "../model/store-path.ts";
import type { NixLogEvent } from "../nix/internal-json.ts";
import { closure } from "../nix/path-info.ts";
import { sign } from "../nix/sign.ts";
import type { Carrier } from "./carrier.ts";
import { copyFailure, requireSpace } from "./copy-errors.ts";
import { GuardAccess } from "./guard-access.ts";
import type { CopyOptions, Host } from "./host.ts";

const minute = 60_000;
// The guard gives a sign of life every second while it is followed.
const silenceTimeout = 10_000;
const stallTimeout = 2 * minute;
const progressInterval = 200;
// More at a time share one uplink, and are all the slower for it.
const uploads = pLimit(5);

type Options = { readonly signal: AbortSignal };

/** A host that runs the guard, over any carrier of commands and store paths. */
export class GuardedHost implements Host {
  readonly name: string;
  readonly #carrier: Carrier;
  readonly #guard: GuardAccess;
  #status: HostStatus | undefined;

  constructor(name: string, carrier: Carrier) {
    this.name = name;
    this.#carrier = carrier;
    this.#guard = new GuardAccess(name, carrier);
  }

  async inspect({ signal }: Options): Promise<HostStatus> {
    this.#status = await this.#guard.inspect(signal);
    return this.#status;
  }

  async copy(toplevel: StorePath, { signal, onProgress, signingKeyFile }: CopyOptions): Promise<void> {
    const status = this.#status ?? (await this.inspect({ signal }));
    const restricted = await this.#guard.isRestricted(signal);
    // What is installed serves a login that may run nothing else.
    const roots = restricted ? [toplevel] : [toplevel, await guardStorePath(signal)];
    const needed = await closure(toplevel, signal);
    const missing = await this.#missing([...needed.map(({ path }) => path), ...roots.slice(1)], signal);
    if (missing.size === 0) return;
    const sent = needed.filter(({ path }) => missing.has(path));
    const totalBytes = sent.reduce((sum, { bytes }) => sum + bytes, 0);
    requireSpace(this.name, totalBytes, status);
    if (signingKeyFile !== undefined) {
      await sign([...new Set([toplevel, ...sent.map(({ path }) => path)])], signingKeyFile, signal);
    }
    const progress = { bytes: 0, totalBytes, paths: 0, totalPaths: sent.length };
    onProgress(progress);
    let told = Date.now();
    const onEvent = (event: NixLogEvent) => {
      if (event.type === "bytes") progress.bytes = Math.min(event.done, totalBytes);
      if (event.type === "paths") progress.paths = Math.min(event.done, sent.length);
      if (Date.now() - told < progressInterval) return;
      told = Date.now();
      onProgress({ ...progress });
    };
    const options = { signal, stallTimeout, onEvent, restricted };
    await uploads(() => this.#carrier.copy(roots, options)).catch((error: unknown) => {
      throw copyFailure(this.name, error);
    });
  }

  async realise(
    derivation: StorePath,
    { signal, onOutput }: Options & { onOutput: (line: string) => void },
  ): Promise<void> {
    if (await this.#guard.isRestricted(signal)) {
      throw new DeployError("refused", `${this.name} builds nothing for a login that may only deploy`, {
        hint: "Build here or on a remote builder: buildOn: local.",
      });
    }
    const guard = await guardStorePath(signal);
    const options = { signal, stallTimeout, onEvent: () => {}, restricted: false };
    await this.#carrier.copy([derivation, guard], options);
    const said: string[] = [];
    const onStderr = (line: string) => {
      said.push(line);
      if (said.length > 20) said.shift();
      onOutput(line);
    };
    const answer = await this.#carrier
      .exec(["nix-store", "--realise", derivation], { signal, timeout: 0, onStderr })
      .catch((error: unknown) => {
        if (error instanceof DeployError && error.code === "refused") return "";
        throw error;
      });
    if (answer.split("\n").some(isStorePath)) return;
    throw new DeployError(
      "build-failed",
      [`${derivation} did not build on ${this.name}:`, ...said].join("\n  "),
    );
  }

  async compare(toplevel: StorePath, { signal }: Options): Promise<Comparison> {
    return parseAnswer(
      this.name,
      await this.#guard.call(["compare", toplevel], { signal }),
      comparisonSchema,
    );
  }

  async history(count: number, { signal }: Options): Promise<PastDeployment[]> {
    await this.prepare({ signal });
    const answer = await this.#guard.call(["history", String(count)], { signal });
    const lines = answer.split("\n").filter((line) => line !== "");
    return lines.map((line) => parseAnswer(this.name, line, pastDeploymentSchema));
  }

  async prepare({ signal }: Options): Promise<void> {
    if (await this.#guard.isRestricted(signal)) return;
    const guard = await guardStorePath(signal);
    const missing = await this.#missing([guard], signal);
    if (missing.size === 0) return;
    await this.#carrier.copy([guard], { signal, stallTimeout, onEvent: () => {}, restricted: false });
  }

  async begin(request: ActivationRequest, { signal }: Options): Promise<void> {
    const answer = await this.#guard.call(["begin"], { signal, input: encodeRequest(request) });
    parseAnswer(this.name, answer, begunSchema);
  }

  async follow(
    id: string,
    offset: number,
    { signal, onEvent }: Options & { onEvent: (event: GuardEvent) => void },
  ): Promise<void> {
    const silent = new AbortController();
    const lose = () => silent.abort(new DeployError("unreachable", `${this.name} fell silent`));
    let timer = setTimeout(lose, silenceTimeout);
    let ended = false;
    let refusal: unknown;
    const onStdout = (line: string) => {
      clearTimeout(timer);
      timer = setTimeout(lose, silenceTimeout);
      try {
        const event = parseEvent(this.name, line);
        if (event === undefined) return;
        ended ||= event.type === "end";
        onEvent(event);
      } catch (error) {
        refusal = error;
      }
    };
    try {
      const either = AbortSignal.any([signal, silent.signal]);
      await this.#guard.call(["follow", id, String(offset)], { signal: either, onStdout, timeout: 0 });
    } finally {
      clearTimeout(timer);
    }
    if (refusal !== undefined) throw refusal;
    if (!ended) throw new DeployError("unreachable", `the connection to ${this.name} was lost`);
  }

  async confirm(id: string, token: string, { signal }: Options): Promise<void> {
    const answer = await this.#guard.call(["confirm", id], {
      signal,
      input: `${token}\n`,
      fresh: true,
      timeout: 15_000,
    });
    parseAnswer(this.name, answer, z.object({ confirmed: z.literal(true) }));
  }

  async abort(
    id: string,
    { signal, reason = "" }: Options & { reason?: string | undefined },
  ): Promise<string> {
    const input = `${reason.replaceAll(/\p{Cc}+/gu, " ")}\n`;
    const answer = await this.#guard.call(["abort", id], { signal, input, timeout: 5_000 });
    return parseAnswer(this.name, answer, z.object({ decision: z.string() })).decision;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#carrier[Symbol.asyncDispose]();
  }

  async #missing(paths: readonly StorePath[], signal: AbortSignal): Promise<ReadonlySet<StorePath>> {
    const options = { signal, timeout: 5 * minute, input: paths.map((path) => `${path}\n`).join("") };
    const answer = (await this.#guard.isRestricted(signal))
      ? await this.#guard.call(["missing"], options)
      : await this.#carrier.exec(["xargs", "nix-store", "--check-validity", "--print-invalid"], options);
    const lines = answer.split("\n").filter((line) => line !== "");
    const other = lines.find((line) => !isStorePath(line));
    if (other !== undefined) parseAnswer(this.name, other, z.never());
    return new Set(lines.filter(isStorePath));
  }
}
