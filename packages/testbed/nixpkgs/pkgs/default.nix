# Bare derivations: built by the machine's /bin/sh, run on a Debian test host.
{
  lib,
  system,
  overlays ? [ ],
  config ? { },
}:
let
  builders = import ./builders.nix { inherit lib system; };
  programs = import ./debian-programs.nix { inherit lib builders; };
  systemd = import ./systemd.nix { inherit builders; };
  kernels = import ./kernels.nix { inherit lib builders; };

  packages = builders // programs // systemd // kernels // about;
  final = builtins.foldl' (previous: overlay: previous // overlay final previous) packages overlays;

  about = {
    inherit
      lib
      system
      overlays
      config
      ;
    path = ../.;
    extend =
      overlay:
      import ./. {
        inherit lib system config;
        overlays = overlays ++ [ overlay ];
      };
    callPackage =
      package: arguments:
      let
        function = if builtins.isFunction package then package else import package;
      in
      function (builtins.intersectAttrs (builtins.functionArgs function) final // arguments);
    nixos =
      module:
      (lib.nixosSystem {
        inherit system;
        modules = lib.toList module;
      }).config.system.build;
    stdenv.hostPlatform = {
      inherit system;
      isLinux = true;
      isx86_64 = system == "x86_64-linux";
      isAarch64 = system == "aarch64-linux";
    };
  };
in
final
