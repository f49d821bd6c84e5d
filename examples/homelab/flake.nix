{
  description = "Four hosts in two tiers, each a Pulumi resource";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs =
    { nixpkgs, ... }:
    let
      host =
        file:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            # In a repository of your own: inputs.homelab-deploy with `flake = false`, and here "${homelab-deploy}/nix/modules".
            ../../nix/modules
            ./modules/common.nix
            ./modules/page.nix
            file
          ];
        };
    in
    {
      nixosConfigurations = {
        web01 = host ./hosts/web01.nix;
        dns01 = host ./hosts/dns01.nix;
        web-test = host ./hosts/web-test.nix;
        nas-test = host ./hosts/nas-test.nix;
      };
    };
}
