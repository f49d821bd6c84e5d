{
  description = "A homelab: hosts, and a Pulumi program that deploys them";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
  inputs.homelab-deploy = {
    url = "github:torjus/homelab-deploy";
    inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    {
      self,
      nixpkgs,
      homelab-deploy,
    }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.${system};
      packages = homelab-deploy.packages.${system};
      host =
        file:
        nixpkgs.lib.nixosSystem {
          inherit system;
          modules = [
            homelab-deploy.nixosModules.default
            ./modules/common.nix
            file
          ];
        };
    in
    {
      nixosConfigurations = {
        web01 = host ./hosts/web01.nix;
        dns01 = host ./hosts/dns01.nix;
      };

      # nix flake check
      checks.${system} = homelab-deploy.lib.deployChecks {
        inherit (self) nixosConfigurations;
        inherit pkgs;
        tiers = [ "prod" ];
      };

      # nix develop
      devShells.${system}.default = pkgs.mkShell {
        packages = [
          packages.homelab-deploy
          pkgs.nodejs_24
          pkgs.pulumi
          pkgs.pulumiPackages.pulumi-nodejs
        ];
        HOMELAB_DEPLOY_SDK = "${packages.homelab-deploy-pulumi-sdk}/lib/node_modules/@homelab-deploy/pulumi";
      };
    };
}
