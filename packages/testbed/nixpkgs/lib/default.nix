let
  parts = [
    ./trivial.nix
    ./lists.nix
    ./attrsets.nix
    ./strings.nix
    ./options.nix
    ./generators.nix
    ./properties.nix
    ./show.nix
    ./modules/definitions.nix
    ./modules/collect.nix
    ./modules/evaluate.nix
    ./nixos-system.nix
  ];
  lib = builtins.foldl' (all: part: all // import part lib) { types = import ./types lib; } parts;
in
lib
