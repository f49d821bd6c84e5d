# What flakes use of colmena: makeHive evaluates the nodes.
{
  outputs = _: {
    lib.makeHive =
      hive:
      let
        names = builtins.attrNames (builtins.removeAttrs hive [ "meta" ]);
        all =
          f:
          builtins.listToAttrs (
            map (name: {
              inherit name;
              value = f name;
            }) names
          );
        deployment =
          { lib, ... }:
          {
            options.deployment = lib.mkOption {
              type = lib.types.attrs;
              default = { };
            };
          };
        nodes = all (
          name:
          import (hive.meta.nixpkgs.path + "/nixos/lib/eval-config.nix") {
            system = "x86_64-linux";
            modules = [
              deployment
              hive.${name}
            ];
            specialArgs = { inherit name nodes; };
          }
        );
      in
      {
        __schema = "v0.5";
        inherit nodes;
      };
  };
}
