# A flake as the documentation of colmena has it.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
    colmena.url = "github:zhaofengli/colmena";
  };
  outputs =
    { nixpkgs, colmena, ... }:
    {
      colmenaHive = colmena.lib.makeHive {
        meta = {
          nixpkgs = import nixpkgs {
            system = "x86_64-linux";
            overlays = [ ];
          };
        };

        host-a =
          {
            name,
            nodes,
            pkgs,
            ...
          }:
          {
            boot.isContainer = true;
            boot.loader.systemd-boot.enable = true;
            time.timeZone = nodes.host-b.config.time.timeZone;
          };
        host-b = {
          deployment = {
            targetHost = "somehost.tld";
            targetPort = 1234;
            targetUser = "luser";
          };
          boot.isContainer = true;
          boot.loader.systemd-boot.enable = true;
          time.timeZone = "America/Los_Angeles";
        };
      };
    };
}
