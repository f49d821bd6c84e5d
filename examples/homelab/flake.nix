{
  description = "Four hosts in two tiers, defined as one fleet, each a Pulumi resource";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs =
    { nixpkgs, ... }:
    let
      # In a repository of your own: inputs.homelab-deploy, and here homelab-deploy.lib.mkFleet.
      mkFleet = import ../../nix/lib/mk-fleet.nix;
    in
    {
      inherit
        (mkFleet {
          inherit nixpkgs;
          modules = [ ./fleet.nix ];
        })
        nixosConfigurations
        ;
    };
}
