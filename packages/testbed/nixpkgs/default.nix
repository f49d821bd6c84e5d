# As `import <nixpkgs>`: the packages of one platform.
{
  system ? builtins.currentSystem,
  overlays ? [ ],
  config ? { },
}:
import ./pkgs {
  lib = import ./lib;
  inherit system overlays config;
}
