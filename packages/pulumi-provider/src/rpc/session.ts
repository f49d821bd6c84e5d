import { DeployError } from "@homelab-deploy/core";
import type { Call, ProviderService } from "../service.ts";
import { createEngineLog, type EngineLog } from "./engine-log.ts";

/**
 * What belongs to one engine: from its Handshake to the next one. A plugin has one for its life, unless it
 * runs by itself and engines attach to it one after another (PULUMI_DEBUG_PROVIDERS).
 */
export interface Session {
  readonly service: ProviderService;
  connect(engineAddress: string): void;
  /** Runs `work` with a signal that Cancel, or `timeout` seconds when not 0, aborts; waits for its log lines. */
  run<T>(options: { urn?: string; timeout?: number }, work: (call: Call) => T | Promise<T>): Promise<T>;
  cancel(): void;
  close(): void;
}

export function createSession(service: ProviderService): Session {
  const abort = new AbortController();
  let engine: EngineLog | undefined;
  return {
    service,
    connect: (address) => {
      engine?.close();
      engine = address === "" ? undefined : createEngineLog(address);
    },
    run: async ({ urn, timeout = 0 }, work) => {
      using deadline = createDeadline(timeout);
      const signal = AbortSignal.any([abort.signal, deadline.signal]);
      try {
        return await work({ signal, log: engine?.on(urn) ?? (() => {}) });
      } finally {
        await engine?.flush();
      }
    },
    cancel: () => abort.abort(new DeployError("cancelled", "cancelled")),
    close: () => {
      service.dispose();
      engine?.close();
    },
  };
}

/** A signal that aborts after `seconds`; 0 is never. */
function createDeadline(seconds: number): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const expire = () =>
    controller.abort(
      new DeployError("timeout", `not done after ${seconds} s, the resource's customTimeouts`),
    );
  const timer = seconds > 0 ? setTimeout(expire, seconds * 1000) : undefined;
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
