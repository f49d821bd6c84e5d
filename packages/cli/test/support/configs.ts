import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const standIn = join(import.meta.dirname, "../../../testbed/nixpkgs");

const flake = (hostnames: readonly string[]) => `{
  inputs.nixpkgs.url = "path:./nixpkgs";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations = nixpkgs.lib.genAttrs [ ${hostnames.map((name) => `"${name}"`).join(" ")} ] (name:
      nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./branch.nix
          {
            services.openssh.enable = true;
            boot.loader.systemd-boot.enable = true;
            networking.hostName = name;
            system.stateVersion = "25.05";
          }
        ];
      });
  };
}
`;

/** A Git repository with the stand-in for nixpkgs and a branch for each of `branches`, a NixOS module; packed by `tar`. */
export function packConfigs(
  hostnames: readonly string[],
  branches: Readonly<Record<string, string>>,
): string {
  const directory = mkdtempSync(join(tmpdir(), "homelab-configs-"));
  const repository = join(directory, "configs");
  const run = (file: string, ...args: string[]) =>
    execFileSync(file, args, { cwd: repository, stdio: ["ignore", "ignore", "pipe"] });
  const git = (...args: string[]) =>
    run("git", "-c", "user.name=test", "-c", "user.email=test@test", ...args);
  cpSync(standIn, join(repository, "nixpkgs"), { recursive: true });
  writeFileSync(join(repository, "flake.nix"), flake(hostnames));
  git("init", "--quiet", "--initial-branch=none");
  for (const [branch, module] of Object.entries(branches)) {
    git("checkout", "--quiet", "--orphan", branch);
    writeFileSync(join(repository, "branch.nix"), module);
    git("add", "--all");
    run("nix", "--extra-experimental-features", "nix-command flakes", "flake", "lock");
    git("add", "--all");
    git("commit", "--quiet", "--message", branch);
  }
  run("tar", "--create", "--file", join(directory, "configs.tar"), "--directory", directory, "configs");
  rmSync(repository, { recursive: true });
  return join(directory, "configs.tar");
}
