# As in nixpkgs: what tools call that evaluate a host without a flake.
{
  modules,
  system ? builtins.currentSystem,
  specialArgs ? { },
}:
(import ../../lib).nixosSystem { inherit modules system specialArgs; }
