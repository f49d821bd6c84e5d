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

/** How to reach a host: over SSH, or not at all because it is this machine. */
export interface Connection {
  /** Over SSH. */
  readonly ssh?: SshConnection | undefined;
  /** This machine itself, as root. */
  readonly local?: Readonly<Record<string, string>> | undefined;
}

/** How to reach a host: over SSH, or not at all because it is this machine. */
export interface ConnectionArgs {
  /** Over SSH. */
  readonly ssh?: Input<SshConnectionArgs> | undefined;
  /** This machine itself, as root. */
  readonly local?: Input<Readonly<Record<string, Input<string>>>> | undefined;
}

/** How long a host waits before it puts back what ran before. */
export interface RollbackPolicy {
  /** How long the host waits for the confirmation over a new connection. Default: `30s`. */
  readonly confirmTimeout?: string | undefined;
  /** How long switch-to-configuration may take. Default: `10m`. */
  readonly activationTimeout?: string | undefined;
}

/** How long a host waits before it puts back what ran before. */
export interface RollbackPolicyArgs {
  /** How long the host waits for the confirmation over a new connection. Default: `30s`. */
  readonly confirmTimeout?: Input<string> | undefined;
  /** How long switch-to-configuration may take. Default: `10m`. */
  readonly activationTimeout?: Input<string> | undefined;
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

/** How to reach hosts that do not say otherwise. */
export interface ConnectionDefaults {
  /** Over SSH. */
  readonly ssh?: SshDefaults | undefined;
}

/** How to reach hosts that do not say otherwise. */
export interface ConnectionDefaultsArgs {
  /** Over SSH. */
  readonly ssh?: Input<SshDefaultsArgs> | undefined;
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
  /** Where the system is built: on this machine (and its remote builders), or on the host. Default: `local`. */
  readonly buildOn?: Input<BuildOn> | undefined;
  /** Why the host does not evaluate: previews warn, and an update of this host fails with this text. */
  readonly evaluationError?: Input<string> | undefined;
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
  /** Where the system is built: on this machine (and its remote builders), or on the host. Default: `local`. */
  readonly buildOn?: Output<BuildOn> | undefined;
  /** Why the host does not evaluate: previews warn, and an update of this host fails with this text. */
  readonly evaluationError?: Output<string> | undefined;
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
  /** How the last deployment ended; absent for a host that was imported. */
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
  "buildOn",
  "evaluationError",
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
