{
  description = "NixOS hosts as Pulumi resources: a plan that can be trusted, and no host can be lost";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEachSystem = f: lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});

      # The modules of a folder: `default` is all of them, and each file is one, users-deploy.nix as usersDeploy.
      modulesIn =
        folder:
        let
          isModule = name: type: type == "regular" && lib.hasSuffix ".nix" name;
          files = builtins.attrNames (lib.filterAttrs isModule (builtins.readDir folder));
        in
        builtins.listToAttrs (
          map (file: {
            name = camelCase (lib.removeSuffix ".nix" file);
            value = folder + "/${file}";
          }) files
        );
      camelCase =
        name:
        let
          words = lib.splitString "-" name;
          capitalised = word: lib.toUpper (builtins.substring 0 1 word) + builtins.substring 1 (-1) word;
        in
        lib.concatStrings ([ (lib.head words) ] ++ map capitalised (lib.tail words));
    in
    {
      lib = import ./nix/lib { inherit lib; };

      nixosModules = modulesIn ./nix/modules;
      fleetModules = modulesIn ./nix/fleet;

      overlays.default = import ./nix/packages;
      packages = forEachSystem (
        pkgs:
        let
          extended = pkgs.extend self.overlays.default;
          packages = builtins.intersectAttrs (self.overlays.default { } { }) extended;
        in
        packages // { default = packages.homelab-deploy; }
      );
      apps = forEachSystem (
        { stdenv, ... }:
        let
          packages = self.packages.${stdenv.hostPlatform.system};
        in
        rec {
          default = homelab-deploy;
          homelab-deploy = {
            type = "app";
            program = "${packages.homelab-deploy}/bin/homelab-deploy";
            meta.description = "NixOS hosts from the command line";
          };
        }
      );

      # What `npm run demo` and the others would otherwise have to build.
      devShells = forEachSystem (pkgs: {
        default = pkgs.mkShell {
          packages = [
            pkgs.nodejs_24
            pkgs.nix
            pkgs.nats-server
            pkgs.openssh
            pkgs.pulumi
            pkgs.pulumiPackages.pulumi-nodejs
          ];
        };
      });

      checks = forEachSystem (
        pkgs:
        lib.optionalAttrs (builtins.pathExists ./nix/checks/default.nix) (
          import ./nix/checks { inherit self pkgs lib; }
        )
        // {
          inherit (self.packages.${pkgs.stdenv.hostPlatform.system}) homelab-deploy pulumi-resource-nixos;
        }
      );

      templates = {
        homelab = {
          path = ./templates/homelab;
          description = "Two hosts and the Pulumi program that deploys them";
        };
        existing = {
          path = ./templates/existing;
          description = "A Pulumi program beside an existing flake with nixosConfigurations";
        };
        default = self.templates.homelab;
      };
    };
}
