{
  description = "Systems that behave well or badly, for tests on real hosts";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs =
    { nixpkgs, ... }:
    let
      common = {
        services.openssh.enable = true;
        boot.loader.systemd-boot.enable = true;
        system.stateVersion = "25.05";
        systemd.services.by-hand.serviceConfig.ExecStart = "/bin/sh -c 'exec sleep infinity'";
      };

      oneshot = start: {
        systemd.services.marker = {
          wantedBy = [ "multi-user.target" ];
          serviceConfig = {
            Type = "oneshot";
            RemainAfterExit = true;
            ExecStart = start;
          };
        };
      };

      # Up for a moment, then down.
      flapping = {
        systemd.services.flapping = {
          wantedBy = [ "multi-user.target" ];
          serviceConfig = {
            ExecStart = "/bin/sh -c 'sleep 0.3; echo down again; exit 1'";
            Restart = "always";
            RestartSec = 1;
            StartLimitIntervalSec = 0;
          };
        };
      };

      service = start: {
        systemd.services.marker = {
          wantedBy = [ "multi-user.target" ];
          serviceConfig = {
            ExecStart = start;
            Restart = "always";
            RestartSec = 300;
          };
        };
      };

      otherKernel =
        { pkgs, ... }:
        {
          boot.kernelPackages = pkgs.linuxPackages_6_15;
        };

      grub =
        { lib, ... }:
        {
          boot.loader.systemd-boot.enable = lib.mkForce false;
          boot.loader.grub.enable = true;
        };

      counting.boot.loader.systemd-boot.bootCounting.enable = true;

      # A user who is no root, and may become it.
      administered = {
        users.users.admin = {
          isNormalUser = true;
          extraGroups = [ "wheel" ];
        };
        security.sudo.wheelNeedsPassword = false;
      };

      system =
        module:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            common
            module
          ];
        };
    in
    {
      nixosConfigurations = {
        one = system { environment.etc."marker".text = "one"; };
        two = system { environment.etc."marker".text = "two"; };
        three = system { environment.etc."marker".text = "three"; };
        # Activation takes long enough to be interrupted.
        slow = system (oneshot "/bin/sh -c 'sleep 6'");
        # A unit that cannot start.
        failing = system (oneshot "/bin/sh -c 'echo out of luck; exit 1'");
        # Ready some time after systemd calls it started.
        late = system (service "/bin/sh -c 'rm -f /run/ready; sleep 3; touch /run/ready; sleep infinity'");
        # Ends at once, and is started again much later: no unit is failed meanwhile.
        restarting = system (service "/bin/sh -c 'echo cannot serve; exit 1'");
        administered = system administered;
        administered-two = system {
          imports = [ administered ];
          environment.etc."marker".text = "two";
        };
        # A snippet of the activation fails; the units are handled all the same.
        broken-snippet = system { system.activationScripts.broken = "false"; };
        # Refuses to be activated, before anything changes.
        refusing = system {
          system.preSwitchChecks.refuse = "if [ $2 = test ]; then echo not on this host; false; fi";
        };
        # A unit that fails again and again, alone and beside another change.
        flapping = system flapping;
        flapping-two = system {
          imports = [ flapping ];
          environment.etc."marker".text = "two";
        };
        # The activation does not end.
        hanging = system { system.activationScripts.hang = "sleep 300"; };
        # Cannot be put back: says no when it is activated again.
        stubborn = system {
          system.preSwitchChecks.stubborn = "if [ $2 = test ] && [ -e /var/lib/stubborn ]; then false; fi";
        };
        # Takes a unit along that nothing wants, so that going back has no reason of its own to start it.
        stopping = system (oneshot "/bin/sh -c 'systemctl stop by-hand; exit 1'");
        # Other kernels: one that comes up, alone and with a unit that fails or an address given away, and one that does not.
        other-kernel = system otherKernel;
        other-kernel-failing = system {
          imports = [
            otherKernel
            (oneshot "/bin/sh -c 'echo out of luck; exit 1'")
          ];
        };
        other-kernel-silent = system {
          imports = [ otherKernel ];
          networking.useDHCP = false;
        };
        panicking-kernel = system ({ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_panics; });
        # The same for hosts with other boot loaders.
        grub = system grub;
        grub-other-kernel = system {
          imports = [
            grub
            otherKernel
          ];
        };
        grub-panicking-kernel = system (
          { pkgs, ... }:
          {
            imports = [ grub ];
            boot.kernelPackages = pkgs.linuxPackages_panics;
          }
        );
        counting = system counting;
        counting-other-kernel = system {
          imports = [
            counting
            otherKernel
          ];
        };
        # The host gives its own address away.
        silent = system { networking.useDHCP = false; };
      };
    };
}
