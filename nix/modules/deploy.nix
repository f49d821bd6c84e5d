# How a host is deployed. These options change nothing on the host: whoever deploys reads them from
# the evaluated configuration. What is null is left to the deployment.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;

  name = types.strMatching "[a-zA-Z0-9]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?";
  duration = types.strMatching "[1-9][0-9]*(ms|s|m|h)";
  time = types.strMatching "[0-9]+(ms|s|m|h)";
  # A leading dash would read as a flag of ssh.
  word = types.strMatching "[^-[:space:]][^[:space:]]*";

  # A program that is not in the host's closure may not be there: name those of the configuration itself.
  healthCheck = types.submodule {
    options = {
      name = optional (types.strMatching "[A-Za-z0-9][A-Za-z0-9._-]{0,63}") "web" ''
        How messages call the check; null makes a name from what it looks at.
      '';
      systemd = optional (types.submodule {
        options.units = mkOption {
          type = types.listOf word;
          example = [ "nginx.service" ];
          description = "Full names of units that must be active on the host.";
        };
      }) { units = [ "nginx.service" ]; } "Units are active on the host.";
      tcp = optional (types.submodule {
        options = {
          port = mkOption {
            type = types.port;
            example = 443;
            description = "The TCP port.";
          };
          from =
            optional
              (types.enum [
                "host"
                "controller"
              ])
              "controller"
              ''
                `host`, which null means: something listens there. `controller`: it can be connected to.
              '';
          host = optional word "web01.lan" ''
            Where the controller connects to; null means the address of the host.
          '';
        };
      }) { port = 443; } "Something listens on a TCP port.";
      disk = optional (types.submodule {
        options = {
          path = optional (types.strMatching "/[^\n]*") "/var" ''
            A path in the file system that is meant; null means `/`.
          '';
          free = mkOption {
            type = types.strMatching "[0-9]+([.][0-9]+)?(B|KiB|MiB|GiB|TiB)";
            example = "1GiB";
            description = "What must be free at least.";
          };
        };
      }) { free = "1GiB"; } "A file system of the host has space.";
      http = optional (types.submodule {
        options = {
          url = mkOption {
            type = types.strMatching "https?://[^[:space:]]+";
            example = "https://web01.lan/health";
            description = "Asked for from the controller with GET. A redirect is an answer, and is not followed.";
          };
          status = optional (types.either types.int (types.listOf types.int)) [ 200 204 ] ''
            The status that it must answer, or a list of them; null means 200.
          '';
          body = optional types.str "ok" "Text that must be in the answer.";
        };
      }) { url = "https://web01.lan/health"; } "A URL answers, seen from the controller.";
      command = optional (types.submodule {
        options.run = mkOption {
          type = types.strMatching "[^\n]+";
          example = "pg_isready --quiet";
          description = "One line for sh that must end with exit status 0, as root on the host.";
        };
      }) { run = "pg_isready --quiet"; } "A command ends well on the host.";
      grace = optional time "5s" "Wait before the first attempt; null means none.";
      interval = optional time "2s" "Wait between two attempts; null means 2 s.";
      timeout = optional duration "10s" "How long one attempt may take; null means 10 s.";
      retries = optional types.ints.unsigned 5 "How many more attempts there are; null means 5.";
    };
  };

  optional =
    type: example: description:
    mkOption {
      type = types.nullOr type;
      default = null;
      inherit example description;
    };

  # What every deployment over SSH needs to know has a short name of its own.
  short = {
    targetHost = optional word "web01.lan" ''
      The address or the name at which the host is reached over SSH; null means the host's name.
    '';
    port = optional types.port 2222 "The port of the host's SSH daemon.";
    user = optional (types.strMatching "[a-z_][a-z0-9_-]*") "deploy" "The user to log in as over SSH.";
    hostKey =
      optional (types.strMatching "[a-z0-9@.-]+ [A-Za-z0-9+/=]+( .*)?")
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X"
        ''
          The host's public SSH key, as in a known_hosts file without the address. With it set, no
          other key is accepted.
        '';
  };
  sameAs =
    name:
    short.${name}
    // {
      default = config.homelab.deploy.${name};
      defaultText = lib.literalExpression "config.homelab.deploy.${name}";
    };
in
{
  options.homelab.deploy = short // {
    # Not `local`: that a host is the machine that deploys is for the deployment to say. Otherwise to deploy
    # somebody's flake could mean to become one of its hosts.
    connection.ssh = {
      host = sameAs "targetHost";
      port = sameAs "port";
      user = sameAs "user";
      hostKey = sameAs "hostKey";
      proxyJump =
        optional (types.strMatching "[A-Za-z0-9_.[][][A-Za-z0-9_.@:,%-]*") "alice@gate.lan:2222"
          ''
            The host, or hosts with commas between them, over which the connection goes, as for `ssh -J`.
          '';
      sudo = optional types.bool false ''
        Whether to become root with `sudo` on the host; null means: unless the user is root.
      '';
    };

    tier = optional name "prod" ''
      The tier the host belongs to. A deployment selects hosts by tier, usually one stack per tier.
    '';
    role = optional name "dns" "What the host is for. A deployment can select hosts by role.";
    tags = mkOption {
      type = types.listOf name;
      default = [ ];
      example = [
        "canary"
        "arm"
      ];
      description = "Further words by which a deployment can select hosts.";
    };

    goal =
      optional
        (types.enum [
          "switch"
          "boot"
          "test"
          "dry-activate"
        ])
        "boot"
        ''
          What a deployment does with a new configuration: `switch` activates it and makes it the one to
          boot, `boot` only the latter, `test` only the former, `dry-activate` reports what would change.
        '';
    rollback = {
      confirmTimeout = optional duration "30s" ''
        How long the host waits, after it activated a new configuration, for a fresh connection that
        confirms it. Without one it goes back to what ran before.
      '';
      activationTimeout = optional duration "5m" ''
        How long an activation may take before the host goes back to what ran before.
      '';
      unhealthy =
        optional
          (types.enum [
            "rollback"
            "warn"
          ])
          "warn"
          ''
            What a newly failing unit or a failed health check means: `rollback` goes back to what ran
            before, `warn` keeps the new configuration and tells.
          '';
      rescue =
        optional
          (types.enum [
            "reboot"
            "never"
          ])
          "reboot"
          ''
            What the host does when what ran before cannot be put back: `reboot` starts it from the boot
            loader, which still names it; `never` leaves the host as it is.
          '';
    };
    healthChecks = mkOption {
      type = types.listOf healthCheck;
      default = [ ];
      example = [
        { systemd.units = [ "nginx.service" ]; }
        {
          http.url = "https://web01.lan/health";
          retries = 10;
        }
      ];
      description = ''
        What must hold before a new configuration is kept; each check is exactly one of `systemd`, `tcp`,
        `disk`, `http` and `command`.
      '';
    };
    reboot =
      optional
        (types.enum [
          "never"
          "when-needed"
        ])
        "when-needed"
        ''
          Whether a deployment reboots the host for a configuration that cannot be activated without.
        '';
    rebootAt =
      optional
        (types.strMatching "((Mon|Tue|Wed|Thu|Fri|Sat|Sun)(,(Mon|Tue|Wed|Thu|Fri|Sat|Sun))* )?([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")
        "Sat,Sun 02:00-04:00"
        ''
          When the host may be rebooted, by its own clock. At other times it is switched to the
          configuration without, and the plan shows that a reboot is still needed.
        '';
    rebootTimeout = optional duration "10m" "How long the host may take to come back from a reboot.";
    buildOn =
      optional
        (types.enum [
          "local"
          "target"
        ])
        "target"
        ''
          Where the configuration is built: `local` where the deployment runs, or on the `target` itself.
        '';
  };
}
