import type { Cache } from "../model/cache.ts";
import type { Connection } from "../model/connection.ts";
import type { Goal } from "../model/goal.ts";
import type { Outcome } from "../model/guard-event.ts";
import type { HealthCheck } from "../model/health-check.ts";
import type { Hooks } from "../model/hooks.ts";
import type { HostStatus } from "../model/host-status.ts";
import type { Reboot } from "../model/reboot.ts";
import type { RollbackPolicy } from "../model/rollback-policy.ts";
import type { Activation } from "./activate.ts";
import type { Builder } from "./builder.ts";
import type { OnEvent } from "./events.ts";

/** How a system gets to run on a host, whichever it is. */
export interface ActivationPolicy {
  readonly rollback: RollbackPolicy;
  /** What must hold before the new system is kept. */
  readonly healthChecks?: readonly HealthCheck[] | undefined;
  /** Commands of the controller at certain points of the deployment. */
  readonly hooks?: Hooks | undefined;
  /** Whether a system with another kernel, initrd, modules or systemd is booted rather than switched to. Default: `never`. */
  readonly reboot?: Reboot | undefined;
  /** When the host may be rebooted, such as `02:00-04:00` by its own clock. Default: at any time. */
  readonly rebootAt?: string | undefined;
  /** How long the host may be away for a reboot, as a duration. Default: `10m`. */
  readonly rebootTimeout?: string | undefined;
  /** Name of the stack that the host belongs to, for hooks. */
  readonly stack?: string | undefined;
}

export interface DeploymentRequest extends ActivationPolicy {
  readonly name: string;
  /** Names this very attempt in the host's journal. Default: a new one. */
  readonly id?: string | undefined;
  /** Who deploys, for the host's journal. Default: this user of this machine. */
  readonly by?: string | undefined;
  readonly connection: Connection;
  readonly toplevel: string;
  /** What `toplevel` is built from; without it the toplevel must be in this machine's store already. */
  readonly derivation?: string | undefined;
  readonly goal: Goal;
  /** `target`: on the host itself, which needs the derivation; `local`, the default: here and on Nix's remote builders. */
  readonly buildOn?: "local" | "target" | undefined;
  /** Binary cache that the closure is copied to first, and the private key that opens it where it is reached over SSH. */
  readonly cache?: (Cache & { readonly identityFile?: string | undefined }) | undefined;
  /** File with the secret key that signs what is copied to the host. */
  readonly signingKeyFile?: string | undefined;
  /** Git revision that the toplevel comes from, for the host's journal. */
  readonly revision?: string | undefined;
  /** Name of the link that protects the toplevel on this machine, such as `<stack>/<host>`. */
  readonly gcRoot?: string | undefined;
}

export interface DeploymentResult {
  /** `unchanged`: the host already was as wanted, and was not touched. */
  readonly outcome: "unchanged" | Outcome;
  readonly status: HostStatus;
}

export interface HostOptions {
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** Told what the host is about to begin: whoever keeps it can go on after having been ended, by `seeThrough`. */
  readonly onActivation?: ((activation: Activation) => Promise<void>) | undefined;
  /** Told when the host has begun the activation `id`. */
  readonly onBegun?: ((id: string) => void) | undefined;
  /** What else must hold before the new system is kept; returns why it does not. Aborted when the deployment has ended. */
  readonly verify?: ((signal: AbortSignal) => Promise<string | undefined>) | undefined;
}

export interface DeployOptions extends HostOptions {
  readonly builder: Builder;
}
