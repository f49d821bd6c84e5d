{
  description = "A small stand-in for nixpkgs: NixOS options on the programs of a Debian test host";

  outputs =
    { self }:
    let
      lib = import ./lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
    in
    {
      inherit lib;

      legacyPackages = lib.genAttrs systems (system: import ./pkgs { inherit lib system; });

      # What a freshly installed test host runs before the first deployment.
      hosts.installed =
        (lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./hosts/installed.nix ];
        }).config.system.build.toplevel;
    };
}
