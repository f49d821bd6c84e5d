// Written by src/schema/write.ts from src/definitions; do not edit.
import type { Input, Output } from "@pulumi/pulumi/output.js";

/** What becomes of a system on its host. */
export type Goal = "switch" | "boot" | "test" | "dry-activate";

/** Where a system is built. */
export type BuildOn = "local" | "target";

/** How to reach a host over SSH. */
export interface SshConnection {
  /** Name or address of the host. Default: the name of the host. An alias of `~/.ssh/config` works. */
  readonly host?: string | undefined;
  /** TCP port of the SSH server. Default: what ssh would use, 22. */
  readonly port?: number | undefined;
  /** Login on the host: root, a user with `sudo`, or one that may only deploy. Default: `root`. */
  readonly user?: string | undefined;
  /** Private key file. Default: what ssh would use (agent, `~/.ssh/config`). */
  readonly identityFile?: string | undefined;
  /** Public key that the host must show. Default: the key in the known hosts file; an unknown key is refused. */
  readonly hostKey?: string | undefined;
  /** Jump host, as for `ssh -J`. */
  readonly proxyJump?: string | undefined;
  /** Whether to become root with `sudo` on the host. Default: true for every user but root. */
  readonly sudo?: boolean | undefined;
  /** Password that `sudo` asks the user for on the host. Written to its standard input alone, and only when it asks. Default: none; the user needs none, or may only deploy (`homelab.users.deploy`). */
  readonly sudoPassword?: string | undefined;
}

/** How to reach a host over SSH. */
export interface SshConnectionArgs {
  /** Name or address of the host. Default: the name of the host. An alias of `~/.ssh/config` works. */
  readonly host?: Input<string> | undefined;
  /** TCP port of the SSH server. Default: what ssh would use, 22. */
  readonly port?: Input<number> | undefined;
  /** Login on the host: root, a user with `sudo`, or one that may only deploy. Default: `root`. */
  readonly user?: Input<string> | undefined;
  /** Private key file. Default: what ssh would use (agent, `~/.ssh/config`). */
  readonly identityFile?: Input<string> | undefined;
  /** Public key that the host must show. Default: the key in the known hosts file; an unknown key is refused. */
  readonly hostKey?: Input<string> | undefined;
  /** Jump host, as for `ssh -J`. */
  readonly proxyJump?: Input<string> | undefined;
  /** Whether to become root with `sudo` on the host. Default: true for every user but root. */
  readonly sudo?: Input<boolean> | undefined;
  /** Password that `sudo` asks the user for on the host. Written to its standard input alone, and only when it asks. Default: none; the user needs none, or may only deploy (`homelab.users.deploy`). */
  readonly sudoPassword?: Input<string> | undefined;
}

/** Certificates of a connection to a NATS server. */
export interface NatsTls {
  /** File with the certificates that sign the server's. */
  readonly caFile?: string | undefined;
  /** File with the certificate of the client. */
  readonly certFile?: string | undefined;
  /** File with the private key of that certificate. */
  readonly keyFile?: string | undefined;
}

/** Certificates of a connection to a NATS server. */
export interface NatsTlsArgs {
  /** File with the certificates that sign the server's. */
  readonly caFile?: Input<string> | undefined;
  /** File with the certificate of the client. */
  readonly certFile?: Input<string> | undefined;
  /** File with the private key of that certificate. */
  readonly keyFile?: Input<string> | undefined;
}

/** How to reach a host over NATS, by the listener that runs on it. */
export interface NatsConnection {
  /** URL of the server, or of several servers of one cluster: `nats://…`, or `tls://…` to demand TLS. */
  readonly url?: string | readonly string[] | undefined;
  /** File that holds the NKey seed of the user (`SU…`). */
  readonly nkeyFile?: string | undefined;
  /** Credentials file (`.creds`) of the user, for servers that know users by JWT. */
  readonly credentialsFile?: string | undefined;
  /** Demands TLS, and says with which certificates. Default: TLS where the server has it. */
  readonly tls?: NatsTls | undefined;
  /** Tier that the listener was given. Default: the tier of the host. */
  readonly tier?: string | undefined;
  /** Name that the listener was given. Default: the name of the host, which then has no dots. */
  readonly host?: string | undefined;
  /** What becomes of a deployment whose host is off: `fail`, or `pending`, with which the NATS server keeps the system, and the host gets it when it is back, under guard, with the health checks that run on the host. Default: `fail`. */
  readonly whenOff?: string | undefined;
}

/** How to reach a host over NATS, by the listener that runs on it. */
export interface NatsConnectionArgs {
  /** URL of the server, or of several servers of one cluster: `nats://…`, or `tls://…` to demand TLS. */
  readonly url?: Input<string | readonly Input<string>[]> | undefined;
  /** File that holds the NKey seed of the user (`SU…`). */
  readonly nkeyFile?: Input<string> | undefined;
  /** Credentials file (`.creds`) of the user, for servers that know users by JWT. */
  readonly credentialsFile?: Input<string> | undefined;
  /** Demands TLS, and says with which certificates. Default: TLS where the server has it. */
  readonly tls?: Input<NatsTlsArgs> | undefined;
  /** Tier that the listener was given. Default: the tier of the host. */
  readonly tier?: Input<string> | undefined;
  /** Name that the listener was given. Default: the name of the host, which then has no dots. */
  readonly host?: Input<string> | undefined;
  /** What becomes of a deployment whose host is off: `fail`, or `pending`, with which the NATS server keeps the system, and the host gets it when it is back, under guard, with the health checks that run on the host. Default: `fail`. */
  readonly whenOff?: Input<string> | undefined;
}

/** How to reach a host: over SSH, over NATS, or not at all because it is this machine. */
export interface Connection {
  /** Over SSH. */
  readonly ssh?: SshConnection | undefined;
  /** Over NATS, by the listener that runs on the host. */
  readonly nats?: NatsConnection | undefined;
  /** This machine itself, as root. */
  readonly local?: Readonly<Record<string, string>> | undefined;
}

/** How to reach a host: over SSH, over NATS, or not at all because it is this machine. */
export interface ConnectionArgs {
  /** Over SSH. */
  readonly ssh?: Input<SshConnectionArgs> | undefined;
  /** Over NATS, by the listener that runs on the host. */
  readonly nats?: Input<NatsConnectionArgs> | undefined;
  /** This machine itself, as root. */
  readonly local?: Input<Readonly<Record<string, Input<string>>>> | undefined;
}

/** What an unhealthy host means for its deployment. */
export type Unhealthy = "rollback" | "warn";

/** What a host does when what ran before cannot be put back. */
export type Rescue = "reboot" | "never";

/** When a host puts back what ran before, and how long it waits before that. */
export interface RollbackPolicy {
  /** How long the host waits for the confirmation over a new connection. Default: `30s`. */
  readonly confirmTimeout?: string | undefined;
  /** How long switch-to-configuration may take. Default: `10m`. */
  readonly activationTimeout?: string | undefined;
  /** What a newly failing unit or a failed health check means: `rollback` puts back what ran before, `warn` keeps the new system and tells. Default: `rollback`. */
  readonly unhealthy?: Unhealthy | undefined;
  /** What the host does when what ran before cannot be put back: `reboot` starts it from the boot loader, which still names it; `never` leaves the host as it is. Default: `never`. */
  readonly rescue?: Rescue | undefined;
}

/** When a host puts back what ran before, and how long it waits before that. */
export interface RollbackPolicyArgs {
  /** How long the host waits for the confirmation over a new connection. Default: `30s`. */
  readonly confirmTimeout?: Input<string> | undefined;
  /** How long switch-to-configuration may take. Default: `10m`. */
  readonly activationTimeout?: Input<string> | undefined;
  /** What a newly failing unit or a failed health check means: `rollback` puts back what ran before, `warn` keeps the new system and tells. Default: `rollback`. */
  readonly unhealthy?: Input<Unhealthy> | undefined;
  /** What the host does when what ran before cannot be put back: `reboot` starts it from the boot loader, which still names it; `never` leaves the host as it is. Default: `never`. */
  readonly rescue?: Input<Rescue> | undefined;
}

/** Which machine a health check looks from. */
export type CheckSide = "host" | "controller";

/** Units are active on the host. */
export interface SystemdCheck {
  /** Units that must be active, such as `nginx.service`. One that is starting, or waits for its next start, is not. */
  readonly units: readonly string[];
}

/** Units are active on the host. */
export interface SystemdCheckArgs {
  /** Units that must be active, such as `nginx.service`. One that is starting, or waits for its next start, is not. */
  readonly units: Input<readonly Input<string>[]>;
}

/** Something listens on a TCP port. */
export interface TcpCheck {
  /** TCP port on which something must listen. */
  readonly port: number;
  /** `host`: something listens there. `controller`: it can be connected to. Default: `host`. */
  readonly from?: CheckSide | undefined;
  /** Where the controller connects to. Default: the address of the host. */
  readonly host?: string | undefined;
}

/** Something listens on a TCP port. */
export interface TcpCheckArgs {
  /** TCP port on which something must listen. */
  readonly port: Input<number>;
  /** `host`: something listens there. `controller`: it can be connected to. Default: `host`. */
  readonly from?: Input<CheckSide> | undefined;
  /** Where the controller connects to. Default: the address of the host. */
  readonly host?: Input<string> | undefined;
}

/** A file system of the host has space. */
export interface DiskCheck {
  /** A path in the file system that is meant. Default: `/`. */
  readonly path?: string | undefined;
  /** What must be free at least, such as `1GiB`. */
  readonly free: string;
}

/** A file system of the host has space. */
export interface DiskCheckArgs {
  /** A path in the file system that is meant. Default: `/`. */
  readonly path?: Input<string> | undefined;
  /** What must be free at least, such as `1GiB`. */
  readonly free: Input<string>;
}

/** A URL answers, seen from the controller. */
export interface HttpCheck {
  /** Asked for from the controller with GET. A redirect is an answer, and is not followed. */
  readonly url: string;
  /** The status that it must answer, or a list of them. Default: 200. */
  readonly status?: number | readonly number[] | undefined;
  /** Text that must be in the first MiB of the answer. */
  readonly body?: string | undefined;
}

/** A URL answers, seen from the controller. */
export interface HttpCheckArgs {
  /** Asked for from the controller with GET. A redirect is an answer, and is not followed. */
  readonly url: Input<string>;
  /** The status that it must answer, or a list of them. Default: 200. */
  readonly status?: Input<number | readonly Input<number>[]> | undefined;
  /** Text that must be in the first MiB of the answer. */
  readonly body?: Input<string> | undefined;
}

/** A command ends with exit status 0. */
export interface CommandCheck {
  /** One line for sh that must end with exit status 0. */
  readonly run: string;
  /** Where it runs: as root on the host, or on the controller with `HOMELAB_HOST` and so on as hooks have them. Default: `host`. */
  readonly on?: CheckSide | undefined;
}

/** A command ends with exit status 0. */
export interface CommandCheckArgs {
  /** One line for sh that must end with exit status 0. */
  readonly run: Input<string>;
  /** Where it runs: as root on the host, or on the controller with `HOMELAB_HOST` and so on as hooks have them. Default: `host`. */
  readonly on?: Input<CheckSide> | undefined;
}

/** What must hold before a deployment is kept. Exactly one of its kinds is given. */
export interface HealthCheck {
  /** How messages call it. Default: made from what it looks at, and shown even if that is a secret. */
  readonly name?: string | undefined;
  /** Units are active on the host. */
  readonly systemd?: SystemdCheck | undefined;
  /** Something listens on a TCP port. */
  readonly tcp?: TcpCheck | undefined;
  /** A file system of the host has space. */
  readonly disk?: DiskCheck | undefined;
  /** A URL answers, seen from the controller. */
  readonly http?: HttpCheck | undefined;
  /** A command ends well. */
  readonly command?: CommandCheck | undefined;
  /** Wait before the first attempt. Default: `0s`. */
  readonly grace?: string | undefined;
  /** Wait between two attempts. Default: `2s`. */
  readonly interval?: string | undefined;
  /** How long one attempt may take. Default: `10s`. */
  readonly timeout?: string | undefined;
  /** How many more attempts there are. Default: 5. */
  readonly retries?: number | undefined;
}

/** What must hold before a deployment is kept. Exactly one of its kinds is given. */
export interface HealthCheckArgs {
  /** How messages call it. Default: made from what it looks at, and shown even if that is a secret. */
  readonly name?: Input<string> | undefined;
  /** Units are active on the host. */
  readonly systemd?: Input<SystemdCheckArgs> | undefined;
  /** Something listens on a TCP port. */
  readonly tcp?: Input<TcpCheckArgs> | undefined;
  /** A file system of the host has space. */
  readonly disk?: Input<DiskCheckArgs> | undefined;
  /** A URL answers, seen from the controller. */
  readonly http?: Input<HttpCheckArgs> | undefined;
  /** A command ends well. */
  readonly command?: Input<CommandCheckArgs> | undefined;
  /** Wait before the first attempt. Default: `0s`. */
  readonly grace?: Input<string> | undefined;
  /** Wait between two attempts. Default: `2s`. */
  readonly interval?: Input<string> | undefined;
  /** How long one attempt may take. Default: `10s`. */
  readonly timeout?: Input<string> | undefined;
  /** How many more attempts there are. Default: 5. */
  readonly retries?: Input<number> | undefined;
}

/** When a host may be rebooted. */
export type Reboot = "never" | "when-needed";

/** Commands that run on this machine: lines for sh, or lists of a program and its arguments. They find the deployment in HOMELAB_HOOK, HOMELAB_HOST, HOMELAB_ADDRESS, HOMELAB_TOPLEVEL, HOMELAB_PREVIOUS, HOMELAB_GOAL, HOMELAB_REVISION, HOMELAB_DEPLOYMENT, HOMELAB_STACK, HOMELAB_OUTCOME and HOMELAB_REASON. */
export interface Hooks {
  /** Runs when the system is built, before anything is sent. A failure stops the deployment of this host. */
  readonly beforeCopy?: string | readonly string[] | undefined;
  /** Runs when the host has the system. A failure stops the deployment before it changes anything. */
  readonly beforeActivation?: string | readonly string[] | undefined;
  /** Runs when the host keeps the new system and runs it. A failure is a warning. */
  readonly afterHealthy?: string | readonly string[] | undefined;
  /** Runs before the host is rebooted. A failure stops the deployment of this host before that. */
  readonly beforeReboot?: string | readonly string[] | undefined;
  /** Runs when the host is back. A failure is a warning. */
  readonly afterReboot?: string | readonly string[] | undefined;
  /** Runs when the deployment failed, but not when it was cancelled. A failure is a warning. */
  readonly onFailure?: string | readonly string[] | undefined;
  /** How long one hook may take. Default: `5m`. */
  readonly timeout?: string | undefined;
}

/** Commands that run on this machine: lines for sh, or lists of a program and its arguments. They find the deployment in HOMELAB_HOOK, HOMELAB_HOST, HOMELAB_ADDRESS, HOMELAB_TOPLEVEL, HOMELAB_PREVIOUS, HOMELAB_GOAL, HOMELAB_REVISION, HOMELAB_DEPLOYMENT, HOMELAB_STACK, HOMELAB_OUTCOME and HOMELAB_REASON. */
export interface HooksArgs {
  /** Runs when the system is built, before anything is sent. A failure stops the deployment of this host. */
  readonly beforeCopy?: Input<string | readonly Input<string>[]> | undefined;
  /** Runs when the host has the system. A failure stops the deployment before it changes anything. */
  readonly beforeActivation?: Input<string | readonly Input<string>[]> | undefined;
  /** Runs when the host keeps the new system and runs it. A failure is a warning. */
  readonly afterHealthy?: Input<string | readonly Input<string>[]> | undefined;
  /** Runs before the host is rebooted. A failure stops the deployment of this host before that. */
  readonly beforeReboot?: Input<string | readonly Input<string>[]> | undefined;
  /** Runs when the host is back. A failure is a warning. */
  readonly afterReboot?: Input<string | readonly Input<string>[]> | undefined;
  /** Runs when the deployment failed, but not when it was cancelled. A failure is a warning. */
  readonly onFailure?: Input<string | readonly Input<string>[]> | undefined;
  /** How long one hook may take. Default: `5m`. */
  readonly timeout?: Input<string> | undefined;
}

/** A binary cache that hosts get closures from. */
export interface Cache {
  /** URL of the store that closures are copied to, as for `nix copy --to`: `s3://bucket?region=…`, `file:///srv/cache`, or `ssh-ng://root@cache01` for a host that serves its own store. It is no secret. */
  readonly to: string;
}

/** A binary cache that hosts get closures from. */
export interface CacheArgs {
  /** URL of the store that closures are copied to, as for `nix copy --to`: `s3://bucket?region=…`, `file:///srv/cache`, or `ssh-ng://root@cache01` for a host that serves its own store. It is no secret. */
  readonly to: Input<string>;
}

/** A host as its source defines it; it can be given to a Host as it is. */
export interface FleetHost {
  /** Name of the host in its source. */
  readonly name: string;
  /** Store path of the system that the host shall run. Default: evaluated from `flake` or `file`. */
  readonly toplevel?: string | undefined;
  /** Derivation that builds `toplevel`; not needed when the path exists already. */
  readonly derivation?: string | undefined;
  /** Platform of the system, such as `x86_64-linux`. */
  readonly platform?: string | undefined;
  /** Git revision that the system comes from, for the host's journal. */
  readonly revision?: string | undefined;
  /** Tier of the host, such as `prod`. */
  readonly tier?: string | undefined;
  /** Role of the host, such as `web`. */
  readonly role?: string | undefined;
  /** Tags of the host. */
  readonly tags?: readonly string[] | undefined;
  /** How to reach the host. Default: over SSH under its name, as the provider's configuration says. */
  readonly connection?: Connection | undefined;
  /** What becomes of the system: `switch` runs and boots it, `boot` only boots it, `test` only runs it, `dry-activate` only tells what would happen. Default: `switch`. */
  readonly goal?: Goal | undefined;
  /** When the host puts back what ran before. */
  readonly rollback?: RollbackPolicy | undefined;
  /** What must hold before the new system is kept. They run side by side; default: none. */
  readonly healthChecks?: readonly HealthCheck[] | undefined;
  /** Whether the host is rebooted for a system that cannot be activated without: `never` leaves that to you, `when-needed` does it under guard. Default: `never`. */
  readonly reboot?: Reboot | undefined;
  /** When the host may be rebooted, by its own clock, such as `02:00-04:00` or `Sat,Sun 23:00-05:00`. At other times it is switched to the system without, and the plan shows that a reboot is still needed. Default: at any time. */
  readonly rebootAt?: string | undefined;
  /** How long the host may take to come back from a reboot. Default: `10m`. */
  readonly rebootTimeout?: string | undefined;
  /** Where the system is built: on this machine (and its remote builders), or on the host. Default: `local`. */
  readonly buildOn?: BuildOn | undefined;
  /** Why the host does not evaluate: previews warn, and an update of this host fails with this text. */
  readonly evaluationError?: string | undefined;
}

/** What connections over SSH have in common. */
export interface SshDefaults {
  /** TCP port of the SSH server. Default: what ssh would use, 22. */
  readonly port?: number | undefined;
  /** Login on the host: root, a user with `sudo`, or one that may only deploy. Default: `root`. */
  readonly user?: string | undefined;
  /** Private key file. Default: what ssh would use (agent, `~/.ssh/config`). */
  readonly identityFile?: string | undefined;
  /** Jump host, as for `ssh -J`. */
  readonly proxyJump?: string | undefined;
  /** Whether to become root with `sudo` on the host. Default: true for every user but root. */
  readonly sudo?: boolean | undefined;
  /** Password that `sudo` asks the user for on the host. Written to its standard input alone, and only when it asks. Default: none; the user needs none, or may only deploy (`homelab.users.deploy`). */
  readonly sudoPassword?: string | undefined;
}

/** What connections over SSH have in common. */
export interface SshDefaultsArgs {
  /** TCP port of the SSH server. Default: what ssh would use, 22. */
  readonly port?: Input<number> | undefined;
  /** Login on the host: root, a user with `sudo`, or one that may only deploy. Default: `root`. */
  readonly user?: Input<string> | undefined;
  /** Private key file. Default: what ssh would use (agent, `~/.ssh/config`). */
  readonly identityFile?: Input<string> | undefined;
  /** Jump host, as for `ssh -J`. */
  readonly proxyJump?: Input<string> | undefined;
  /** Whether to become root with `sudo` on the host. Default: true for every user but root. */
  readonly sudo?: Input<boolean> | undefined;
  /** Password that `sudo` asks the user for on the host. Written to its standard input alone, and only when it asks. Default: none; the user needs none, or may only deploy (`homelab.users.deploy`). */
  readonly sudoPassword?: Input<string> | undefined;
}

/** What connections over NATS have in common. */
export interface NatsDefaults {
  /** URL of the server, or of several servers of one cluster: `nats://…`, or `tls://…` to demand TLS. */
  readonly url?: string | readonly string[] | undefined;
  /** File that holds the NKey seed of the user (`SU…`). */
  readonly nkeyFile?: string | undefined;
  /** Credentials file (`.creds`) of the user, for servers that know users by JWT. */
  readonly credentialsFile?: string | undefined;
  /** Demands TLS, and says with which certificates. Default: TLS where the server has it. */
  readonly tls?: NatsTls | undefined;
  /** Tier that the listener was given. Default: the tier of the host. */
  readonly tier?: string | undefined;
  /** What becomes of a deployment whose host is off: `fail`, or `pending`, with which the NATS server keeps the system, and the host gets it when it is back, under guard, with the health checks that run on the host. Default: `fail`. */
  readonly whenOff?: string | undefined;
}

/** What connections over NATS have in common. */
export interface NatsDefaultsArgs {
  /** URL of the server, or of several servers of one cluster: `nats://…`, or `tls://…` to demand TLS. */
  readonly url?: Input<string | readonly Input<string>[]> | undefined;
  /** File that holds the NKey seed of the user (`SU…`). */
  readonly nkeyFile?: Input<string> | undefined;
  /** Credentials file (`.creds`) of the user, for servers that know users by JWT. */
  readonly credentialsFile?: Input<string> | undefined;
  /** Demands TLS, and says with which certificates. Default: TLS where the server has it. */
  readonly tls?: Input<NatsTlsArgs> | undefined;
  /** Tier that the listener was given. Default: the tier of the host. */
  readonly tier?: Input<string> | undefined;
  /** What becomes of a deployment whose host is off: `fail`, or `pending`, with which the NATS server keeps the system, and the host gets it when it is back, under guard, with the health checks that run on the host. Default: `fail`. */
  readonly whenOff?: Input<string> | undefined;
}

/** How to reach hosts that do not say otherwise. */
export interface ConnectionDefaults {
  /** Over SSH. */
  readonly ssh?: SshDefaults | undefined;
  /** Over NATS: for hosts that ask for it, and for all that do not say how they are reached when `ssh` is not here. */
  readonly nats?: NatsDefaults | undefined;
}

/** How to reach hosts that do not say otherwise. */
export interface ConnectionDefaultsArgs {
  /** Over SSH. */
  readonly ssh?: Input<SshDefaultsArgs> | undefined;
  /** Over NATS: for hosts that ask for it, and for all that do not say how they are reached when `ssh` is not here. */
  readonly nats?: Input<NatsDefaultsArgs> | undefined;
}

/** A NixOS host. Its id is its name, its diff is the system that it shall run; creating it adopts a host that is there already, deleting it leaves the host running. */
export interface HostArgs {
  /** Name of the host in `nixosConfigurations`, and its id: another attribute is another host. Default: the name of the resource. */
  readonly attribute?: Input<string> | undefined;
  /** The same as `attribute`, under the name that `getFleet` gives it. */
  readonly name?: Input<string> | undefined;
  /** Flake reference whose `nixosConfigurations` are the hosts, such as `.` or `git+https://…?ref=main`. */
  readonly flake?: Input<string> | undefined;
  /** Plain Nix file, instead of a flake: an attribute set of hosts, or one with `nixosConfigurations`. */
  readonly file?: Input<string> | undefined;
  /** Inputs of the flake to replace, as `nix --override-input`. */
  readonly overrideInputs?: Input<Readonly<Record<string, Input<string>>>> | undefined;
  /** Store path of the system that the host shall run. Default: evaluated from `flake` or `file`. */
  readonly toplevel?: Input<string> | undefined;
  /** Derivation that builds `toplevel`; not needed when the path exists already. */
  readonly derivation?: Input<string> | undefined;
  /** Platform of the system, such as `x86_64-linux`. */
  readonly platform?: Input<string> | undefined;
  /** Git revision that the system comes from, for the host's journal. */
  readonly revision?: Input<string> | undefined;
  /** Tier of the host, such as `prod`. */
  readonly tier?: Input<string> | undefined;
  /** Role of the host, such as `web`. */
  readonly role?: Input<string> | undefined;
  /** Tags of the host. */
  readonly tags?: Input<readonly Input<string>[]> | undefined;
  /** How to reach the host. Default: over SSH under its name, as the provider's configuration says. */
  readonly connection?: Input<ConnectionArgs> | undefined;
  /** What becomes of the system: `switch` runs and boots it, `boot` only boots it, `test` only runs it, `dry-activate` only tells what would happen. Default: `switch`. */
  readonly goal?: Input<Goal> | undefined;
  /** When the host puts back what ran before. */
  readonly rollback?: Input<RollbackPolicyArgs> | undefined;
  /** What must hold before the new system is kept. They run side by side; default: none. */
  readonly healthChecks?: Input<readonly Input<HealthCheckArgs>[]> | undefined;
  /** Whether the host is rebooted for a system that cannot be activated without: `never` leaves that to you, `when-needed` does it under guard. Default: `never`. */
  readonly reboot?: Input<Reboot> | undefined;
  /** When the host may be rebooted, by its own clock, such as `02:00-04:00` or `Sat,Sun 23:00-05:00`. At other times it is switched to the system without, and the plan shows that a reboot is still needed. Default: at any time. */
  readonly rebootAt?: Input<string> | undefined;
  /** How long the host may take to come back from a reboot. Default: `10m`. */
  readonly rebootTimeout?: Input<string> | undefined;
  /** Where the system is built: on this machine (and its remote builders), or on the host. Default: `local`. */
  readonly buildOn?: Input<BuildOn> | undefined;
  /** Why the host does not evaluate: previews warn, and an update of this host fails with this text. */
  readonly evaluationError?: Input<string> | undefined;
  /** Commands that run on this machine at certain points of a deployment of the host. */
  readonly hooks?: Input<HooksArgs> | undefined;
  /** Binary cache that closures built here are copied to, once for all hosts, before a host gets them from there. Default: the provider's, or none. `homelab.nixCache` makes a host ask it; what it does not have, or no key that the host trusts has signed, is copied to the host. */
  readonly cache?: Input<CacheArgs> | undefined;
}

/** Properties of a Host. */
export interface HostState {
  /** Name of the host in `nixosConfigurations`, and its id: another attribute is another host. Default: the name of the resource. */
  readonly attribute: Output<string>;
  /** Flake reference whose `nixosConfigurations` are the hosts, such as `.` or `git+https://…?ref=main`. */
  readonly flake?: Output<string> | undefined;
  /** Plain Nix file, instead of a flake: an attribute set of hosts, or one with `nixosConfigurations`. */
  readonly file?: Output<string> | undefined;
  /** Inputs of the flake to replace, as `nix --override-input`. */
  readonly overrideInputs?: Output<Readonly<Record<string, Output<string>>>> | undefined;
  /** Store path of the system that the host shall run. Default: evaluated from `flake` or `file`. */
  readonly toplevel: Output<string>;
  /** Derivation that builds `toplevel`; not needed when the path exists already. */
  readonly derivation?: Output<string> | undefined;
  /** Platform of the system, such as `x86_64-linux`. */
  readonly platform?: Output<string> | undefined;
  /** Git revision that the system comes from, for the host's journal. */
  readonly revision?: Output<string> | undefined;
  /** Tier of the host, such as `prod`. */
  readonly tier?: Output<string> | undefined;
  /** Role of the host, such as `web`. */
  readonly role?: Output<string> | undefined;
  /** Tags of the host. */
  readonly tags?: Output<readonly Output<string>[]> | undefined;
  /** How to reach the host. Default: over SSH under its name, as the provider's configuration says. */
  readonly connection?: Output<Connection> | undefined;
  /** What becomes of the system: `switch` runs and boots it, `boot` only boots it, `test` only runs it, `dry-activate` only tells what would happen. Default: `switch`. */
  readonly goal: Output<Goal>;
  /** When the host puts back what ran before. */
  readonly rollback?: Output<RollbackPolicy> | undefined;
  /** What must hold before the new system is kept. They run side by side; default: none. */
  readonly healthChecks?: Output<readonly Output<HealthCheck>[]> | undefined;
  /** Whether the host is rebooted for a system that cannot be activated without: `never` leaves that to you, `when-needed` does it under guard. Default: `never`. */
  readonly reboot?: Output<Reboot> | undefined;
  /** When the host may be rebooted, by its own clock, such as `02:00-04:00` or `Sat,Sun 23:00-05:00`. At other times it is switched to the system without, and the plan shows that a reboot is still needed. Default: at any time. */
  readonly rebootAt?: Output<string> | undefined;
  /** How long the host may take to come back from a reboot. Default: `10m`. */
  readonly rebootTimeout?: Output<string> | undefined;
  /** Where the system is built: on this machine (and its remote builders), or on the host. Default: `local`. */
  readonly buildOn?: Output<BuildOn> | undefined;
  /** Why the host does not evaluate: previews warn, and an update of this host fails with this text. */
  readonly evaluationError?: Output<string> | undefined;
  /** Commands that run on this machine at certain points of a deployment of the host. */
  readonly hooks?: Output<Hooks> | undefined;
  /** Binary cache that closures built here are copied to, once for all hosts, before a host gets them from there. Default: the provider's, or none. `homelab.nixCache` makes a host ask it; what it does not have, or no key that the host trusts has signed, is copied to the host. */
  readonly cache?: Output<Cache> | undefined;
  /** Store path of the system that the host runs. */
  readonly system: Output<string>;
  /** Store path of the system that the host booted. */
  readonly bootedSystem?: Output<string> | undefined;
  /** Store path of the system that the host boots next. */
  readonly bootDefault?: Output<string> | undefined;
  /** Store path of the system profile's current generation. */
  readonly profile?: Output<string> | undefined;
  /** Number of the system profile's current generation. */
  readonly generation?: Output<number> | undefined;
  /** Whether kernel, initrd or kernel modules of the running system differ from the booted ones. */
  readonly rebootRequired?: Output<boolean> | undefined;
  /** Version of NixOS that the host runs. */
  readonly nixosVersion?: Output<string> | undefined;
  /** How the last deployment ended; absent for a host that was imported. `pending`: the host was off, and has not been seen since to be as wanted; the other outputs say what it was before, if it was ever seen. */
  readonly outcome?: Output<string> | undefined;
}

/** Names of all properties of a Host. */
export const hostStateKeys = [
  "attribute",
  "flake",
  "file",
  "overrideInputs",
  "toplevel",
  "derivation",
  "platform",
  "revision",
  "tier",
  "role",
  "tags",
  "connection",
  "goal",
  "rollback",
  "healthChecks",
  "reboot",
  "rebootAt",
  "rebootTimeout",
  "buildOn",
  "evaluationError",
  "hooks",
  "cache",
  "system",
  "bootedSystem",
  "bootDefault",
  "profile",
  "generation",
  "rebootRequired",
  "nixosVersion",
  "outcome",
] as const;

/** Inputs of a Host that its source can give. */
export const evaluatedKeys = [
  "toplevel",
  "derivation",
  "platform",
  "revision",
  "tier",
  "role",
  "tags",
  "connection",
  "goal",
  "rollback",
  "healthChecks",
  "reboot",
  "rebootAt",
  "rebootTimeout",
  "buildOn",
  "evaluationError",
] as const;

/** Where the hosts are defined and how they are reached. */
export interface ProviderArgs {
  /** Flake whose `nixosConfigurations` are the hosts, for hosts and functions that name no source of their own. */
  readonly flake?: Input<string> | undefined;
  /** Plain Nix file that defines the hosts, instead of a flake. */
  readonly file?: Input<string> | undefined;
  /** Inputs of the flake to replace, as `nix --override-input`. */
  readonly overrideInputs?: Input<Readonly<Record<string, Input<string>>>> | undefined;
  /** How to reach hosts, wherever a host itself does not say otherwise. */
  readonly connection?: Input<ConnectionDefaultsArgs> | undefined;
  /** How to reach single hosts over SSH, by name: enough to import a host that the program does not name. */
  readonly hosts?: Input<Readonly<Record<string, Input<SshConnectionArgs>>>> | undefined;
  /** Text of the private key that opens hosts. Given to ssh in a file that only this user can read, while needed. */
  readonly identity?: Input<string> | undefined;
  /** Text of the secret key that signs what is copied to hosts; they take it from a user who may only deploy when its public key is among their `homelab.users.deploy.trustedKeys`. Default: nothing is signed. */
  readonly signingKey?: Input<string> | undefined;
  /** Binary cache that closures are copied to before hosts get them from there. Default: none. */
  readonly cache?: Input<CacheArgs> | undefined;
  /** Whether previews and updates look at every host first, so that they show and repair drift. Default: false. */
  readonly refreshBeforeUpdate?: Input<boolean> | undefined;
}

/** Evaluates the named hosts of a flake or file, all of them when none is named. */
export interface EvaluateArgs {
  /** Flake reference whose `nixosConfigurations` are the hosts, such as `.` or `git+https://…?ref=main`. */
  readonly flake?: string | undefined;
  /** Plain Nix file, instead of a flake: an attribute set of hosts, or one with `nixosConfigurations`. */
  readonly file?: string | undefined;
  /** Inputs of the flake to replace, as `nix --override-input`. */
  readonly overrideInputs?: Readonly<Record<string, string>> | undefined;
  /** Evaluate with access to the environment; such evaluations are not cached. Default: false. */
  readonly impure?: boolean | undefined;
  /** Names of the hosts to evaluate. Default: all. */
  readonly hosts?: readonly string[] | undefined;
}

/** Evaluates the named hosts of a flake or file, all of them when none is named. */
export interface EvaluateOutputArgs {
  /** Flake reference whose `nixosConfigurations` are the hosts, such as `.` or `git+https://…?ref=main`. */
  readonly flake?: Input<string> | undefined;
  /** Plain Nix file, instead of a flake: an attribute set of hosts, or one with `nixosConfigurations`. */
  readonly file?: Input<string> | undefined;
  /** Inputs of the flake to replace, as `nix --override-input`. */
  readonly overrideInputs?: Input<Readonly<Record<string, Input<string>>>> | undefined;
  /** Evaluate with access to the environment; such evaluations are not cached. Default: false. */
  readonly impure?: Input<boolean> | undefined;
  /** Names of the hosts to evaluate. Default: all. */
  readonly hosts?: Input<readonly Input<string>[]> | undefined;
}

/** Result of evaluate. */
export interface EvaluateResult {
  /** The hosts by name. */
  readonly hosts: Readonly<Record<string, FleetHost>>;
}

/** Evaluates the hosts of a flake or file that belong to a tier, have a role, tags or names. */
export interface GetFleetArgs {
  /** Flake reference whose `nixosConfigurations` are the hosts, such as `.` or `git+https://…?ref=main`. */
  readonly flake?: string | undefined;
  /** Plain Nix file, instead of a flake: an attribute set of hosts, or one with `nixosConfigurations`. */
  readonly file?: string | undefined;
  /** Inputs of the flake to replace, as `nix --override-input`. */
  readonly overrideInputs?: Readonly<Record<string, string>> | undefined;
  /** Evaluate with access to the environment; such evaluations are not cached. Default: false. */
  readonly impure?: boolean | undefined;
  /** Only hosts of these names. */
  readonly names?: readonly string[] | undefined;
  /** Only hosts of this tier. */
  readonly tier?: string | undefined;
  /** Only hosts of this role. */
  readonly role?: string | undefined;
  /** Only hosts with all of these tags. */
  readonly tags?: readonly string[] | undefined;
}

/** Evaluates the hosts of a flake or file that belong to a tier, have a role, tags or names. */
export interface GetFleetOutputArgs {
  /** Flake reference whose `nixosConfigurations` are the hosts, such as `.` or `git+https://…?ref=main`. */
  readonly flake?: Input<string> | undefined;
  /** Plain Nix file, instead of a flake: an attribute set of hosts, or one with `nixosConfigurations`. */
  readonly file?: Input<string> | undefined;
  /** Inputs of the flake to replace, as `nix --override-input`. */
  readonly overrideInputs?: Input<Readonly<Record<string, Input<string>>>> | undefined;
  /** Evaluate with access to the environment; such evaluations are not cached. Default: false. */
  readonly impure?: Input<boolean> | undefined;
  /** Only hosts of these names. */
  readonly names?: Input<readonly Input<string>[]> | undefined;
  /** Only hosts of this tier. */
  readonly tier?: Input<string> | undefined;
  /** Only hosts of this role. */
  readonly role?: Input<string> | undefined;
  /** Only hosts with all of these tags. */
  readonly tags?: Input<readonly Input<string>[]> | undefined;
}

/** Result of getFleet. */
export interface GetFleetResult {
  /** The hosts by name. */
  readonly hosts: Readonly<Record<string, FleetHost>>;
}
