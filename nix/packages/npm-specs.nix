# Which npm packages go into the packages here: what npm-hashes.json must have, and all that it may have.
let
  pkgs = import ../../packages/testbed/nixpkgs {
    system = "x86_64-linux";
    overlays = [ (import ./.) ];
  };
  specsOf = package: package.bundle.nodeModules.specs;
in
pkgs.lib.unique (
  builtins.sort builtins.lessThan (specsOf pkgs.homelab-deploy ++ specsOf pkgs.pulumi-resource-nixos)
)
