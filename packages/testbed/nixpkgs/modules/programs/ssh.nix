{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  known = builtins.attrValues config.programs.ssh.knownHosts;

  knownHost =
    { name, config, ... }:
    {
      options = {
        hostNames = mkOption {
          type = types.listOf types.str;
          default = [ name ] ++ config.extraHostNames;
          description = "Names and addresses of the host.";
        };
        extraHostNames = mkOption {
          type = types.listOf types.str;
          default = [ ];
          description = "Names and addresses beside the name of this entry.";
        };
        publicKey = mkOption {
          type = types.nullOr types.str;
          default = null;
          description = "The host's public key.";
        };
      };
    };
in
{
  options.programs.ssh.knownHosts = mkOption {
    type = types.attrsOf (types.submodule knownHost);
    default = { };
    description = "Hosts whose keys every user of SSH knows.";
  };

  config = {
    assertions = lib.mapAttrsToList (name: host: {
      assertion = host.publicKey != null;
      message = "knownHost ${name} must contain either a publicKey or publicKeyFile";
    }) config.programs.ssh.knownHosts;

    environment.etc."ssh/ssh_known_hosts".text =
      lib.concatMapStringsSep "\n" (
        host: "${lib.concatStringsSep "," host.hostNames} ${host.publicKey}"
      ) known
      + "\n";
  };
}
