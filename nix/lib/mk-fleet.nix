# Several hosts from one definition: one evaluation of modules whose options `hosts.<name>` are NixOS modules.
{
  # A flake, or anything else with `lib.nixosSystem`.
  nixpkgs,
  modules,
  # Further arguments of all modules, those of the hosts too.
  specialArgs ? { },
}:
let
  fleet = nixpkgs.lib.evalModules {
    specialArgs = specialArgs // {
      inherit nixosConfigurations;
    };
    modules = [ ../fleet ] ++ modules;
  };

  host =
    name: module:
    nixpkgs.lib.nixosSystem {
      specialArgs = specialArgs // {
        inherit name;
        fleet = fleet.config;
      };
      modules = [
        fleet.config.defaults
        module
      ];
    };

  nixosConfigurations = builtins.mapAttrs host fleet.config.hosts;
in
{
  inherit nixosConfigurations;
  inherit (fleet) config options;
}
