# Bare derivations: built by the machine's /bin/sh, run on a Debian test host.
{ lib, system }:
let
  builders = import ./builders.nix { inherit lib system; };
  programs = import ./debian-programs.nix { inherit lib builders; };
  systemd = import ./systemd.nix { inherit builders; };
  kernels = import ./kernels.nix { inherit lib builders; };
in
builders
// programs
// systemd
// kernels
// {
  inherit lib system;
  stdenv.hostPlatform = {
    inherit system;
    isLinux = true;
    isx86_64 = system == "x86_64-linux";
    isAarch64 = system == "aarch64-linux";
  };
}
