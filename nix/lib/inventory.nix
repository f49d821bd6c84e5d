# The expression with which a deployment finds hosts: packages/core/src/nix/inventory.
let
  folder = ../../packages/core/src/nix/inventory;
  names = builtins.fromJSON (builtins.readFile (folder + "/parts.json"));
  parts = builtins.listToAttrs (
    map (name: {
      inherit name;
      value = import (folder + "/${name}.nix") parts;
    }) names
  );
in
parts.inventory
