import { setTimeout as delay } from "node:timers/promises";
import { DeployError } from "../errors.ts";
import type { StorePath } from "../model/store-path.ts";
import { build } from "../nix/build.ts";
import type { NixLogEvent } from "../nix/internal-json.ts";
import { invalidPaths } from "../nix/path-info.ts";
import type { OnEvent } from "./events.ts";

export interface BuildRequest {
  readonly derivation: StorePath;
  readonly toplevel: StorePath;
}

export interface Builder {
  /** Resolves as soon as the toplevel is valid in this machine's store. Throws `build-failed` with the builder's log. */
  build(
    request: BuildRequest,
    options: { readonly signal: AbortSignal; readonly onEvent: OnEvent },
  ): Promise<void>;
}

interface Waiting extends BuildRequest {
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  resolve(): void;
  reject(reason: unknown): void;
}

const windowMilliseconds = 50;

/** A builder that gives all toplevels wanted within one short window to one run of Nix. */
export function createBuilder(): Builder {
  let batch: Waiting[] = [];
  return {
    async build(request, { signal, onEvent }) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      batch.push({ ...request, signal, onEvent, resolve, reject });
      if (batch.length === 1) {
        void delay(windowMilliseconds).then(() => {
          const wanted = batch;
          batch = [];
          return buildBatch(wanted);
        });
      }
      return promise.finally(() => signal.removeEventListener("abort", onAbort));
    },
  };
}

// A batch goes on while somebody still waits for one of its toplevels.
async function buildBatch(batch: readonly Waiting[]): Promise<void> {
  const waiting = new Set(batch);
  const controller = new AbortController();
  for (const request of batch) {
    const leave = () => {
      waiting.delete(request);
      if (waiting.size === 0) controller.abort(request.signal.reason);
    };
    if (request.signal.aborted) leave();
    else request.signal.addEventListener("abort", leave, { once: true });
  }
  const { signal } = controller;
  try {
    signal.throwIfAborted();
    await settleValid(waiting, signal);
    if (waiting.size === 0) return;
    const check = createCheck(() => settleValid(waiting, signal));
    const onEvent = (event: NixLogEvent) => {
      for (const request of waiting) tell(request.onEvent, event);
      if (waiting.size > 1 && (event.type === "builds" || event.type === "paths") && event.done > 0)
        check.request();
    };
    const failures = await build(
      [...waiting].map(({ derivation }) => derivation),
      { signal, onEvent },
    );
    await check.idle();
    await settleValid(waiting, signal);
    for (const request of waiting) {
      const failure = failures.find(({ derivation }) => derivation === request.derivation);
      request.reject(failure?.error ?? new DeployError("build-failed", `${request.toplevel} was not built`));
    }
  } catch (error) {
    for (const request of waiting) request.reject(error);
  }
}

async function settleValid(waiting: Set<Waiting>, signal: AbortSignal): Promise<void> {
  const requests = [...waiting];
  const invalid = new Set(
    await invalidPaths(
      requests.map(({ toplevel }) => toplevel),
      signal,
    ),
  );
  for (const request of requests) {
    if (invalid.has(request.toplevel)) continue;
    waiting.delete(request);
    request.resolve();
  }
}

// Runs `look` again and again while asked to, one at a time.
function createCheck(look: () => Promise<void>): { request(): void; idle(): Promise<void> } {
  let running: Promise<void> | undefined;
  let again = false;
  const loop = async () => {
    do {
      again = false;
      await look().catch(() => {});
    } while (again);
    running = undefined;
  };
  return {
    request() {
      again = true;
      running ??= loop();
    },
    idle: async () => running,
  };
}

function tell(onEvent: OnEvent, event: NixLogEvent): void {
  if (event.type === "builds" && event.expected > 0) {
    onEvent({ type: "build-progress", done: event.done, total: event.expected });
  }
  if (event.type === "log") onEvent({ type: "output", line: event.line });
}
