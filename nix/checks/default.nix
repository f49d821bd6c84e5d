# VM tests, for the flake's `checks`: hosts of NixOS, which need the real nixpkgs and KVM.
{
  pkgs,
  self,
  lib,
}:
let
  packages = self.packages.${pkgs.stdenv.hostPlatform.system};

  test = name: {
    name = "vm-${name}";
    value = pkgs.testers.runNixOSTest {
      imports = [ (./vm + "/${name}.nix") ];
      name = "homelab-deploy-${name}";
      defaults = {
        imports = [ self.nixosModules.default ];
        environment.systemPackages = [ packages.homelab-deploy ];
        services.homelab-deploy.listener.package = lib.mkDefault packages.homelab-deploy;
        # What is tested here is to go from one system to another.
        system.switch.enable = true;
      };
      _module.args = { inherit packages; };
    };
  };
in
builtins.listToAttrs (
  map test [
    "activation"
    "deploy-user"
    "listener"
    "rollback"
  ]
)
