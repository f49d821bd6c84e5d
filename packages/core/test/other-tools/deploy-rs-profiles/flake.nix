# A flake that uses what deploy-rs has: settings at every level, profiles of users, a node named otherwise than its
# configuration, and one that is no NixOS host.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
  inputs.deploy-rs.url = "github:serokell/deploy-rs";

  outputs =
    {
      self,
      nixpkgs,
      deploy-rs,
    }:
    let
      host =
        modules:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            {
              services.openssh.enable = true;
              boot.loader.systemd-boot.enable = true;
              system.stateVersion = "25.05";
            }
          ]
          ++ modules;
        };
      inherit (deploy-rs.lib.x86_64-linux) activate;
      hello = nixpkgs.legacyPackages.x86_64-linux.writeShellScriptBin "hello" "echo hello";
    in
    {
      nixosConfigurations.example-nixos-system = host [ { networking.hostName = "example"; } ];
      nixosConfigurations.db = host [ { networking.hostName = "db"; } ];

      deploy = {
        sshUser = "deployer";
        confirmTimeout = 60;

        nodes.example = {
          sshOpts = [
            "-o"
            "ServerAliveInterval=5"
            "-p"
            "2221"
          ];
          hostname = "localhost";
          fastConnection = true;
          interactiveSudo = true;
          remoteBuild = true;
          autoRollback = false;
          profiles = {
            system = {
              sshUser = "admin";
              path = activate.nixos self.nixosConfigurations.example-nixos-system;
              user = "root";
              activationTimeout = 600;
            };
            hello = {
              sshUser = "hello";
              path = activate.custom hello "./bin/hello";
              user = "hello";
            };
          };
        };

        # Switched for a trial, by an activation of its own.
        nodes.trial = {
          hostname = "db.example.org";
          profiles.system.path = activate.custom self.nixosConfigurations.db.config.system.build.toplevel ''
            cd /tmp
            $PROFILE/bin/switch-to-configuration test
          '';
        };

        nodes.desk = {
          hostname = "desk";
          profiles.hello.path = activate.custom hello "./bin/hello";
        };
        nodes.wrong = {
          hostname = "wrong";
          profiles.system.path = activate.custom hello "./bin/hello";
        };
      };
    };
}
