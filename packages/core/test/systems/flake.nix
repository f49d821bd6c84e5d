{
  description = "Systems that behave well or badly, for tests on real hosts; a file for each concern";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs =
    { nixpkgs, ... }:
    let
      common = {
        services.openssh.enable = true;
        boot.loader.systemd-boot.enable = true;
        system.stateVersion = "25.05";
        # Nothing starts it.
        systemd.services.by-hand.serviceConfig.ExecStart = "/bin/sh -c 'exec sleep infinity'";
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

      marked = text: { environment.etc."marker".text = text; };

      # Runs a command when it is activated; fails with it.
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

      kit = { inherit marked oneshot; };
    in
    {
      nixosConfigurations = builtins.mapAttrs (_: system) (
        import ./plain.nix kit
        // import ./status.nix kit
        // import ./reboot.nix kit
        // import ./health.nix kit
        // import ./sudo.nix kit
      );
    };
}
