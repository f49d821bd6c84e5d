# What a flake can call: `homelab-deploy.lib`.
{ lib }:
let
  inventory = import ./inventory.nix;
in
rec {
  mkFleet = import ./mk-fleet.nix;
  deployChecks = import ./deploy-checks.nix { inherit lib mkInventory; };

  # The options of homelab.deploy for each host, their defaults where a host does not import them, and its toplevel.
  mkInventory = configurations: (inventory.fromConfigurations configurations).hosts;
  # The same from what other tools are given: the outputs of a flake, a hive or what makeHive gave, a specification.
  fromDeployRs =
    outputs:
    (inventory.deploy-rs {
      inherit (outputs) deploy;
      configurations = outputs.nixosConfigurations or { };
    }).hosts;
  fromColmena =
    hive: (inventory.colmena.${if hive ? nodes then "fromEvaluated" else "fromHive"} hive).hosts;
  fromCachixDeploy = spec: (inventory.cachix-deploy.fromSpec spec).hosts;
}
