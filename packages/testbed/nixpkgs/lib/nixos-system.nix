lib: {
  # As nixpkgs' function of this name; `system` may also be set as nixpkgs.hostPlatform by a module.
  nixosSystem =
    {
      modules,
      system ? null,
      specialArgs ? { },
    }:
    let
      evaluated = lib.evalModules {
        specialArgs = {
          modulesPath = toString ../modules;
        }
        // specialArgs;
        modules = import ../modules/module-list.nix ++ [ hostPlatform ] ++ modules;
      };
      hostPlatform = {
        _file = "lib/nixos-system.nix";
        config = lib.mkIf (system != null) { nixpkgs.hostPlatform = lib.mkDefault system; };
      };
    in
    evaluated // { inherit (evaluated._module.args) pkgs; };
}
