# The older form, an output without colmena itself, with what its manual shows.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs =
    { nixpkgs, ... }:
    {
      colmena = import ./hive.nix // {
        meta = {
          nixpkgs = import nixpkgs {
            system = "x86_64-linux";
            overlays = [ (final: _: { greeting = final.writeText "greeting" "hello"; }) ];
          };
          nodeNixpkgs.host-b = import nixpkgs { system = "aarch64-linux"; };
          specialArgs.zone = "Europe/Stockholm";
          nodeSpecialArgs.host-b.zone = "America/Los_Angeles";
        };
      };
    };
}
