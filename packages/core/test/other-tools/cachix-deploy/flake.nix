# A flake as the documentation of Cachix Deploy has it.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
    cachix-deploy-flake.url = "github:cachix/cachix-deploy-flake";
  };

  outputs =
    {
      self,
      nixpkgs,
      cachix-deploy-flake,
    }:
    {
      packages.x86_64-linux.default =
        let
          pkgs = import nixpkgs { system = "x86_64-linux"; };
          cachix-deploy-lib = cachix-deploy-flake.lib pkgs;
        in
        cachix-deploy-lib.spec {
          agents = {
            myagent = cachix-deploy-lib.nixos {
              fileSystems."/" = {
                device = "/dev/disk/by-label/nixos";
                fsType = "ext4";
              };
              boot.loader.systemd-boot.enable = true;
              networking.hostName = "myagent";
            };
            other = cachix-deploy-lib.nixos {
              boot.loader.systemd-boot.enable = true;
              networking.hostName = "other";
            };
          };
        };
    };
}
