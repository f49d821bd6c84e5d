# Toplevels for the tests of test hosts.
let
  lib = import ../nixpkgs/lib;

  system =
    module:
    (lib.nixosSystem {
      system = builtins.currentSystem;
      modules = [
        {
          services.openssh.enable = true;
          boot.loader.systemd-boot.enable = lib.mkDefault true;
          system.stateVersion = "25.05";
        }
        module
      ];
    }).config.system.build.toplevel;

  panics = { pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_panics; };

  counted = names: {
    boot.loader.systemd-boot = {
      bootCounting = {
        enable = true;
        tries = 2;
      };
      entryNames = names;
    };
  };

  grub = {
    boot.loader.systemd-boot.enable = false;
    boot.loader.grub.device = "/dev/vda";
  };

  failingUnit.systemd.services.failing = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig = {
      Type = "oneshot";
      ExecStart = "/bin/false";
    };
  };
  failingSnippet.system.activationScripts.failing = "false";
in
{
  plain = system { };
  panicking = system panics;
  other-kernel = system ({ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_latest; });

  counted = system (counted "generation");
  counted-panicking = system {
    imports = [
      panics
      (counted "generation")
    ];
  };
  counted-by-content = system (counted "content");

  grub = system grub;
  grub-two = system {
    imports = [ grub ];
    environment.etc.marker.text = "two";
  };
  grub-panicking = system {
    imports = [
      grub
      panics
    ];
  };

  other-systemd = system ({ pkgs, ... }: { systemd.package = pkgs.systemd_258; });
  other-init = system { system.initInterfaceVersion = "systemd 3"; };
  refused = system { system.preSwitchChecks.refuses = "echo not today; false"; };
  failing-snippet = system failingSnippet;
  failing-unit = system failingUnit;
  failing-both = system {
    imports = [
      failingSnippet
      failingUnit
    ];
  };
}
