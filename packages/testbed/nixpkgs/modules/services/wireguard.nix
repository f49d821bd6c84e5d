{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.networking.wireguard;
  inherit (lib) mkOption types;

  maybe =
    type: what:
    mkOption {
      type = types.nullOr type;
      default = null;
      description = what;
    };

  peer =
    { config, ... }:
    {
      options = {
        name = mkOption {
          type = types.str;
          default =
            lib.replaceStrings [ "/" "-" " " "+" "=" ] [ "-" "\\x2d" "\\x20" "\\x2b" "\\x3d" ]
              config.publicKey;
          description = "What the peer's unit is called after.";
        };
        publicKey = mkOption {
          type = types.singleLineStr;
          description = "The peer's public key.";
        };
        allowedIPs = mkOption {
          type = types.listOf types.str;
          description = "Networks behind the peer.";
        };
        endpoint = maybe types.str "Where the peer is reached.";
        persistentKeepalive = maybe types.int "Seconds between two empty packets.";
      };
    };

  interface.options = {
    ips = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Addresses of the interface.";
    };
    privateKeyFile = maybe types.str "The file with the private key.";
    listenPort = maybe types.int "The UDP port.";
    peers = mkOption {
      type = types.listOf (types.submodule peer);
      default = [ ];
      description = "The other ends.";
    };
  };

  path = [
    pkgs.iproute2
    pkgs.wireguard-go
    pkgs.wireguard-tools
  ];
  serviceConfig = {
    Type = "oneshot";
    RemainAfterExit = true;
  };

  interfaceUnit =
    name: link:
    lib.nameValuePair "wireguard-${name}" {
      description = "WireGuard Tunnel - ${name}";
      after = [ "network-pre.target" ];
      wants = [ "network.target" ];
      before = [ "network.target" ];
      wantedBy = [ "multi-user.target" ];
      inherit path serviceConfig;
      # The kernel of a test host may have no WireGuard: then a program does the same behind a tun device.
      script = ''
        ip link add dev "${name}" type wireguard 2>/dev/null || wireguard-go "${name}"
      ''
      + lib.concatMapStrings (address: ''
        ip address add "${address}" dev "${name}"
      '') link.ips
      + "wg set \"${name}\" private-key \"${link.privateKeyFile}\"${
        lib.optionalString (link.listenPort != null) " listen-port \"${toString link.listenPort}\""
      }\n"
      + ''
        ip link set up dev "${name}"
      '';
      postStop = ''ip link del dev "${name}"'';
    };

  peerUnit =
    name: peer:
    lib.nameValuePair "wireguard-${name}-peer-${peer.name}" {
      description = "WireGuard Peer - ${name} - ${peer.name}";
      requires = [ "wireguard-${name}.service" ];
      after = [ "wireguard-${name}.service" ];
      wantedBy = [
        "wireguard-${name}.service"
        "multi-user.target"
      ];
      inherit path serviceConfig;
      script =
        "wg set ${name} peer \"${peer.publicKey}\""
        + lib.optionalString (peer.endpoint != null) " endpoint \"${peer.endpoint}\""
        + lib.optionalString (
          peer.persistentKeepalive != null
        ) " persistent-keepalive \"${toString peer.persistentKeepalive}\""
        + lib.optionalString (
          peer.allowedIPs != [ ]
        ) " allowed-ips \"${lib.concatStringsSep "," peer.allowedIPs}\""
        + "\n"
        + lib.concatMapStrings (network: ''
          ip route replace "${network}" dev "${name}" table "main"
        '') peer.allowedIPs;
      postStop = ''
        wg set "${name}" peer "${peer.publicKey}" remove
      ''
      + lib.concatMapStrings (network: ''
        ip route delete "${network}" dev "${name}" table "main"
      '') peer.allowedIPs;
    };
in
{
  options.networking.wireguard = {
    enable = mkOption {
      type = types.bool;
      default = cfg.interfaces != { };
      description = "Whether to enable WireGuard.";
    };
    interfaces = mkOption {
      type = types.attrsOf (types.submodule interface);
      default = { };
      description = "Interfaces of WireGuard.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = lib.mapAttrsToList (name: link: {
      assertion = link.privateKeyFile != null;
      message = "Either networking.wireguard.interfaces.${name}.privateKey or networking.wireguard.interfaces.${name}.privateKeyFile must be set.";
    }) cfg.interfaces;
    environment.systemPackages = [ pkgs.wireguard-tools ];
    systemd.services = lib.mkMerge (
      [ (lib.mapAttrs' interfaceUnit cfg.interfaces) ]
      ++ lib.mapAttrsToList (
        name: link: builtins.listToAttrs (map (peerUnit name) link.peers)
      ) cfg.interfaces
    );
  };
}
