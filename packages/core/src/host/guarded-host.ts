import pLimit from "p-limit";
import { z } from "zod";
import { guardScript, guardStorePath } from "../activation/guard.ts";
import {
  type ActivationRequest,
  begunSchema,
  type Comparison,
  comparisonSchema,
  encodeRequest,
  type GuardEvent,
  parseAnswer,
  parseEvent,
} from "../activation/protocol.ts";
import { DeployError } from "../errors.ts";
import { type HostStatus, hostStatusSchema } from "../model/host-status.ts";
import { isStorePath, type StorePath } from "../model/store-path.ts";
import type { NixLogEvent } from "../nix/internal-json.ts";
import { closure } from "../nix/path-info.ts";
import type { Carrier } from "./carrier.ts";
import type { CopyProgress, Host } from "./host.ts";

const minute = 60_000;
// The guard gives a sign of life every second while it is followed.
const silenceTimeout = 10_000;
const stallTimeout = 2 * minute;
const progressInterval = 200;
// More at a time share one uplink, and are all the slower for it.
const uploads = pLimit(5);
// What activation itself needs: journal, profile links, boot loader entries.
const reserveBytes = 16 * 2 ** 20;

type Options = { readonly signal: AbortSignal };

/** A host that runs the guard, over any carrier of commands and store paths. */
export class GuardedHost implements Host {
  readonly name: string;
  readonly #carrier: Carrier;

  constructor(name: string, carrier: Carrier) {
    this.name = name;
    this.#carrier = carrier;
  }

  // The guard may not be on the host yet: it is sent along.
  async inspect({ signal }: Options): Promise<HostStatus> {
    const input = guardScript();
    const answer = await this.#carrier.exec(["sh", "-s", "inspect"], { signal, timeout: minute, input });
    return parseAnswer(this.name, answer, hostStatusSchema);
  }

  async copy(
    toplevel: StorePath,
    { signal, onProgress }: Options & { onProgress: (progress: CopyProgress) => void },
  ): Promise<void> {
    const guard = await guardStorePath(signal);
    const needed = await closure(toplevel, signal);
    const missing = await this.#missing([...needed.map(({ path }) => path), guard], signal);
    if (missing.size === 0) return;
    const sent = needed.filter(({ path }) => missing.has(path));
    const totalBytes = sent.reduce((sum, { bytes }) => sum + bytes, 0);
    await this.#checkSpace(totalBytes, signal);
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
    const options = { signal, stallTimeout, onEvent };
    await uploads(() => this.#carrier.copy([toplevel, guard], options));
  }

  async realise(
    derivation: StorePath,
    { signal, onOutput }: Options & { onOutput: (line: string) => void },
  ): Promise<void> {
    const guard = await guardStorePath(signal);
    await this.#carrier.copy([derivation, guard], { signal, stallTimeout, onEvent: () => {} });
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
    return parseAnswer(this.name, await this.#guard(["compare", toplevel], { signal }), comparisonSchema);
  }

  async begin(request: ActivationRequest, { signal }: Options): Promise<void> {
    const answer = await this.#guard(["begin"], { signal, input: encodeRequest(request) });
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
      await this.#guard(["follow", id, String(offset)], { signal: either, onStdout, timeout: 0 });
    } finally {
      clearTimeout(timer);
    }
    if (refusal !== undefined) throw refusal;
    if (!ended) throw new DeployError("unreachable", `the connection to ${this.name} was lost`);
  }

  async confirm(id: string, token: string, { signal }: Options): Promise<void> {
    const answer = await this.#guard(["confirm", id], {
      signal,
      input: `${token}\n`,
      fresh: true,
      timeout: 15_000,
    });
    parseAnswer(this.name, answer, z.object({ confirmed: z.literal(true) }));
  }

  async abort(id: string, { signal }: Options): Promise<string> {
    const answer = await this.#guard(["abort", id], { signal, timeout: 5_000 });
    return parseAnswer(this.name, answer, z.object({ decision: z.string() })).decision;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#carrier[Symbol.asyncDispose]();
  }

  async #guard(
    args: readonly string[],
    options: Partial<Parameters<Carrier["exec"]>[1]> & Options,
  ): Promise<string> {
    const guard = await guardStorePath(options.signal);
    return this.#carrier.exec(["sh", guard, ...args], { timeout: minute, ...options });
  }

  async #missing(paths: readonly StorePath[], signal: AbortSignal): Promise<ReadonlySet<StorePath>> {
    const input = paths.map((path) => `${path}\n`).join("");
    const argv = ["xargs", "nix-store", "--check-validity", "--print-invalid"];
    const answer = await this.#carrier.exec(argv, { signal, timeout: 5 * minute, input });
    return new Set(answer.split("\n").filter(isStorePath));
  }

  async #checkSpace(bytes: number, signal: AbortSignal): Promise<void> {
    const argv = ["df", "--output=avail", "-B1", "/nix/store"];
    const answer = await this.#carrier.exec(argv, { signal, timeout: minute });
    const free = Number(answer.split("\n")[1]);
    if (!(free < bytes + reserveBytes)) return;
    const mebibytes = (value: number) => `${Math.ceil(value / 2 ** 20)} MiB`;
    throw new DeployError(
      "no-space",
      `${this.name} has ${mebibytes(free)} free in /nix/store, and the closure needs ${mebibytes(bytes)}`,
      { hint: "Collect garbage on the host: nix-collect-garbage --delete-older-than 30d" },
    );
  }
}
