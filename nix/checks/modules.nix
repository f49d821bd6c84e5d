# Every file of nix/modules and nix/fleet, and nix/lib, with some nixpkgs: what is here evaluates, or tells what is wrong with the file.
{ nixpkgs, system }:
let
  inherit (nixpkgs) lib;

  # What every host has to say of itself.
  host = {
    nixpkgs.hostPlatform = system;
    boot.loader.grub.enable = false;
    fileSystems."/" = {
      device = "/dev/disk/by-label/nixos";
      fsType = "ext4";
    };
    system.stateVersion = "25.05";
  };
  toplevel = system: system.config.system.build.toplevel.drvPath;
  withModules =
    modules:
    toplevel (
      lib.nixosSystem {
        inherit system;
        modules = [ host ] ++ modules;
      }
    );
  fleet =
    module:
    (import ../lib/mk-fleet.nix {
      inherit nixpkgs;
      modules = [
        { defaults = host; }
        module
      ];
    }).nixosConfigurations;

  filesOf =
    folder:
    lib.filter (file: lib.hasSuffix ".nix" file && file != "default.nix") (
      builtins.attrNames (builtins.readDir (../. + "/${folder}"))
    );
  sampleOf =
    folder: file:
    let
      sample = ./samples + "/${folder}/${file}";
    in
    if builtins.pathExists sample then
      sample
    else
      throw "nix/${folder}/${file} is used nowhere: write a configuration that uses it to nix/checks/samples/${folder}/${file}.";
  perFile =
    folder: check:
    builtins.listToAttrs (
      map (file: lib.nameValuePair "nix/${folder}/${file}" (check folder file)) (filesOf folder)
    );
in
perFile "modules" (
  folder: file: {
    alone = withModules [ (../. + "/${folder}/${file}") ];
    "its sample" = withModules [
      ../modules
      (sampleOf folder file)
    ];
  }
)
// perFile "fleet" (
  folder: file:
  lib.mapAttrs' (name: system: lib.nameValuePair "host ${name} of its sample" (toplevel system)) (
    fleet (sampleOf folder file)
  )
)
// {
  "nix/lib" =
    let
      configurations = fleet (sampleOf "fleet" "dns.nix");
      homelab = import ../lib { inherit lib; };
    in
    builtins.mapAttrs (_: check: check.drvPath) (
      homelab.deployChecks {
        pkgs = nixpkgs.legacyPackages.${system};
        nixosConfigurations = configurations // {
          web01 = lib.nixosSystem {
            inherit system;
            modules = [
              host
              ../modules
              (sampleOf "modules" "deploy.nix")
            ];
          };
        };
      }
    );
}
