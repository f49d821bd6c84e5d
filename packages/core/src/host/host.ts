import type { ActivationRequest } from "../model/activation-request.ts";
import type { Comparison } from "../model/comparison.ts";
import type { GuardEvent } from "../model/guard-event.ts";
import type { HostStatus, PastDeployment } from "../model/host-status.ts";
import type { StorePath } from "../model/store-path.ts";
import type { Wanted } from "../wire/v1/wanted.ts";

export interface CopyProgress {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly paths: number;
  readonly totalPaths: number;
}

/** What can be done for a host that is off. */
export interface WhenOff {
  /** Has the host get `wanted` when it is back, with the closure, which is on this machine; in the place of what was wanted before. */
  leave(wanted: Omit<Wanted, "at" | "expires">, options: CopyOptions): Promise<void>;

  /** Takes back what was wanted, if anything was. */
  withdraw(options: { readonly signal: AbortSignal }): Promise<void>;
}

export interface CopyOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CopyProgress) => void;
  /** File with the secret key that signs what is sent. Without it nothing is signed. */
  readonly signingKeyFile?: string | undefined;
}

/**
 * A machine that can be deployed to, however it is reached. Every method throws DeployError: `unreachable` and
 * `host-key` when there is no connection, `refused` and `locked` when the host does not agree.
 */
export interface Host extends AsyncDisposable {
  readonly name: string;

  /** Absent: the host has to be there to be deployed to. */
  readonly whenOff?: WhenOff | undefined;

  /** What the host runs, boots and remembers, in one round trip. Changes nothing. */
  inspect(options: { readonly signal: AbortSignal }): Promise<HostStatus>;

  /** Brings `toplevel` with all it needs, and the guard, into the host's store; sends only what is missing there. */
  copy(toplevel: StorePath, options: CopyOptions): Promise<void>;

  /**
   * Builds `derivation` on the host itself, from nothing but the derivation and its sources, and brings the guard along.
   * Throws `build-failed` with the end of what the build said.
   */
  realise(
    derivation: StorePath,
    options: { readonly signal: AbortSignal; readonly onOutput: (line: string) => void },
  ): Promise<void>;

  /** What stands between the kernel that runs and `toplevel`, which has to be in the host's store. */
  compare(toplevel: StorePath, options: { readonly signal: AbortSignal }): Promise<Comparison>;

  /** The newest `count` deployments of the host's journal, the newest first. */
  history(count: number, options: { readonly signal: AbortSignal }): Promise<PastDeployment[]>;

  /** Brings the guard alone to the host, for what needs no closure. */
  prepare(options: { readonly signal: AbortSignal }): Promise<void>;

  /** Starts a guarded activation and returns at once; it then no longer needs this connection. */
  begin(request: ActivationRequest, options: { readonly signal: AbortSignal }): Promise<void>;

  /**
   * Hands the deployment's events from number `offset` on to `onEvent`; returns after the event `end`. Throws
   * `unreachable` when the connection is lost or silent, after which it can be called again.
   */
  follow(
    id: string,
    offset: number,
    options: { readonly signal: AbortSignal; readonly onEvent: (event: GuardEvent) => void },
  ): Promise<void>;

  /** Confirms over a connection made for this alone that the host can be reached. */
  confirm(id: string, token: string, options: { readonly signal: AbortSignal }): Promise<void>;

  /**
   * Calls the deployment off, for `reason`, which goes into the host's journal: unless it was decided otherwise before, the host puts back what ran before. Returns the
   * decision that stands: `aborted`, `expired`, `confirmed`, or nothing when the deployment has ended.
   */
  abort(
    id: string,
    options: { readonly signal: AbortSignal; readonly reason?: string | undefined },
  ): Promise<string>;
}
