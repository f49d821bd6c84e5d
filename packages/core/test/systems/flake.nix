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

      # A user who is no root, and may become it.
      administered = {
        users.users.admin = {
          isNormalUser = true;
          extraGroups = [ "wheel" ];
        };
        security.sudo.wheelNeedsPassword = false;
      };

      # Users who become root: one by a password, one without.
      passwords = {
        users.users.anna = {
          isNormalUser = true;
          extraGroups = [ "wheel" ];
        };
        users.users.nora.isNormalUser = true;
        security.sudo.extraRules = [
          {
            users = [ "nora" ];
            commands = [
              {
                command = "ALL";
                options = [ "NOPASSWD" ];
              }
            ];
          }
        ];
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
        administered = system administered;
        administered-two = system {
          imports = [ administered ];
          environment.etc."marker".text = "two";
        };
        passwords = system passwords;
        passwords-two = system {
          imports = [ passwords ];
          environment.etc."marker".text = "two";
        };
        passwords-three = system {
          imports = [ passwords ];
          environment.etc."marker".text = "three";
        };
        # The host gives its own address away.
        silent = system { networking.useDHCP = false; };
      };
    };
}
