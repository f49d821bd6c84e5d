# How a host is deployed. These options change nothing on the host: whoever deploys reads them from
# the evaluated configuration. What is null is left to the deployment.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  name = types.strMatching "[a-zA-Z0-9]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?";
  duration = types.strMatching "[1-9][0-9]*(ms|s|m|h)";
  # A leading dash would read as a flag of ssh.
  word = types.strMatching "[^-[:space:]][^[:space:]]*";

  optional =
    type: example: description:
    mkOption {
      type = types.nullOr type;
      default = null;
      inherit example description;
    };
in
{
  options.homelab.deploy = {
    targetHost = optional word "web01.lan" ''
      The address or the name at which the host is reached over SSH; null means the host's name.
    '';
    port = optional types.port 2222 "The port of the host's SSH daemon.";
    user = optional (types.strMatching "[a-z_][a-z0-9_-]*") "deploy" "The user to log in as over SSH.";
    hostKey = optional (types.strMatching "[a-z0-9@.-]+ [A-Za-z0-9+/=]+( .*)?")
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X"
      ''
        The host's public SSH key, as in a known_hosts file without the address. With it set, no
        other key is accepted.
      '';

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

    goal = optional (types.enum [
      "switch"
      "boot"
      "test"
      "dry-activate"
    ]) "boot" ''
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
    };
    buildOn = optional (types.enum [
      "local"
      "target"
    ]) "target" ''
      Where the configuration is built: `local` where the deployment runs, or on the `target` itself.
    '';
  };
}
