import type { SshConnection } from "../model/connection.ts";

export interface SshFiles {
  /** Directory of this connection's files; a path without spaces. */
  readonly directory: string;
  readonly config: string;
  readonly controlSocket: string;
  readonly knownHosts: string;
}

export function sshFiles(directory: string): SshFiles {
  return {
    directory,
    config: `${directory}/config`,
    controlSocket: `${directory}/control`,
    knownHosts: `${directory}/known_hosts`,
  };
}

/**
 * Configuration of ssh(1) for one host. What the program says comes first, since ssh takes the first value it finds;
 * the user's and the system's own configuration follow. Values were checked by `sshConnectionSchema`.
 */
export function sshConfig(address: string, ssh: SshConnection, files: SshFiles): string {
  const options = [
    ssh.port !== undefined && `Port ${ssh.port}`,
    `User ${ssh.user ?? "root"}`,
    ssh.identityFile !== undefined && `IdentityFile "${ssh.identityFile}"`,
    ssh.identityFile !== undefined && "IdentitiesOnly yes",
    ssh.proxyJump !== undefined && `ProxyJump ${ssh.proxyJump}`,
    ssh.hostKey !== undefined && `UserKnownHostsFile ${files.knownHosts}`,
    ssh.hostKey !== undefined && "GlobalKnownHostsFile /dev/null",
    ssh.hostKey !== undefined && `HostKeyAlias ${pinnedName}`,
    ssh.hostKey !== undefined && `HostKeyAlgorithms ${algorithms(ssh.hostKey)}`,
    "StrictHostKeyChecking yes",
    "BatchMode yes",
    "ConnectTimeout 10",
    "ServerAliveInterval 5",
    "ServerAliveCountMax 3",
    `ControlPath ${files.controlSocket}`,
    "ControlMaster no",
    "ForwardAgent no",
    "ForwardX11 no",
    "PermitLocalCommand no",
    "RequestTTY no",
    "LogLevel ERROR",
  ].filter((option) => option !== false);
  const own = [`Host ${address}`, ...options.map((option) => `  ${option}`)];
  return [...own, "Match all", "  Include ~/.ssh/config", "  Include /etc/ssh/ssh_config", ""].join("\n");
}

const pinnedName = "pinned";

/** Known hosts file that holds the pinned key alone. */
export function knownHosts(hostKey: string): string {
  return `${pinnedName} ${hostKey}\n`;
}

// An RSA key is offered under the names of its signature algorithms (RFC 8332).
function algorithms(hostKey: string): string {
  const type = hostKey.split(" ")[0] ?? "";
  return type === "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256" : type;
}
