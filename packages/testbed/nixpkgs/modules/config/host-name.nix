{ config, lib, ... }:
let
  inherit (config.networking) hostName domain;
in
{
  options.networking = {
    hostName = lib.mkOption {
      type = lib.types.strMatching "|[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?";
      default = "nixos";
      description = "The name of the host; empty takes the one the network gives.";
    };
    domain = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = "The domain of the host.";
    };
    hosts = lib.mkOption {
      type = lib.types.attrsOf (lib.types.listOf lib.types.str);
      default = { };
      example."10.0.0.2" = [ "nas.example" ];
      description = "Names by address, in /etc/hosts.";
    };
  };

  config = {
    networking.hosts."127.0.0.2" = lib.mkIf (hostName != "") (
      lib.optional (domain != null) "${hostName}.${domain}" ++ [ hostName ]
    );
    environment.etc.hosts.text =
      "127.0.0.1 localhost\n::1 localhost\n"
      + lib.concatStrings (
        lib.mapAttrsToList (address: names: "${address} ${toString names}\n") config.networking.hosts
      );
    environment.etc.hostname = lib.mkIf (hostName != "") { text = "${hostName}\n"; };
    system.activationScripts.hostname = lib.mkIf (hostName != "") "hostname ${hostName}";
  };
}
