{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.networking;
  inherit (lib) mkOption types;

  address.options = {
    address = mkOption {
      type = types.str;
      description = "The address.";
    };
    prefixLength = mkOption {
      type = types.ints.between 0 32;
      description = "Bits of the network's mask.";
    };
  };
  interface.options = {
    useDHCP = mkOption {
      type = types.nullOr types.bool;
      default = null;
      description = "Whether DHCP configures the interface; null follows networking.useDHCP.";
    };
    ipv4.addresses = mkOption {
      type = types.listOf (types.submodule address);
      default = [ ];
      description = "Static addresses.";
    };
  };

  static = lib.filterAttrs (_: link: link.ipv4.addresses != [ ]) cfg.interfaces;
  # A test host has one link; static addresses keep DHCP away from it unless it is asked for.
  dhcp =
    let
      wanted = cfg.interfaces.eth0.useDHCP or null;
    in
    if wanted == null then cfg.useDHCP && !static ? eth0 else wanted;

  addressService =
    name: link:
    let
      commands =
        verb:
        lib.concatMapStrings (
          one: "ip address ${verb} ${one.address}/${toString one.prefixLength} dev ${name}\n"
        ) link.ipv4.addresses;
    in
    lib.nameValuePair "network-addresses-${name}" {
      description = "Address configuration of ${name}";
      wantedBy = bootTargets;
      before = [ "network.target" ];
      path = [ pkgs.iproute2 ];
      script = "ip link set ${name} up\n" + commands "replace";
      preStop = commands "delete";
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
      };
    };

  # network.target itself cannot be started by hand, so a switch would not start what only it wants.
  bootTargets = [
    "network.target"
    "multi-user.target"
  ];

  gateway =
    if builtins.isAttrs cfg.defaultGateway then cfg.defaultGateway.address else cfg.defaultGateway;
in
{
  options.networking = {
    useDHCP = mkOption {
      type = types.bool;
      default = true;
      description = "Whether DHCP configures interfaces without static addresses.";
    };
    interfaces = mkOption {
      type = types.attrsOf (types.submodule interface);
      default = { };
      example.eth0.ipv4.addresses = [
        {
          address = "10.0.0.2";
          prefixLength = 24;
        }
      ];
      description = "Network interfaces.";
    };
    defaultGateway = mkOption {
      type = types.nullOr (types.either types.str types.attrs);
      default = null;
      description = "The default gateway.";
    };
    nameservers = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Name servers.";
    };
  };

  config = {
    systemd.services = lib.mkMerge [
      (lib.mapAttrs' addressService static)

      (lib.mkIf dhcp {
        dhcpcd = {
          description = "DHCP Client";
          wantedBy = [ "multi-user.target" ];
          wants = [ "network.target" ];
          before = [ "network-online.target" ];
          stopIfChanged = false;
          path = [ pkgs.iproute2 ];
          script = ''
            . /var/lib/testbed/lease
            ip link set eth0 up
            ip address replace "$ADDRESS" dev eth0
            if [ -n "$GATEWAY" ]; then ip route replace default via "$GATEWAY" dev eth0; fi
          '';
          preStop = "ip address flush dev eth0 scope global";
          serviceConfig = {
            Type = "oneshot";
            RemainAfterExit = true;
          };
        };
      })

      (lib.mkIf (gateway != null) {
        network-setup = {
          description = "Routes of the configuration";
          wantedBy = bootTargets;
          before = [ "network.target" ];
          after = map (name: "network-addresses-${name}.service") (builtins.attrNames static);
          path = [ pkgs.iproute2 ];
          script = "ip route replace default via ${gateway}";
          preStop = "ip route delete default via ${gateway} || true";
          serviceConfig = {
            Type = "oneshot";
            RemainAfterExit = true;
          };
        };
      })
    ];

    environment.etc."resolv.conf" = lib.mkIf (cfg.nameservers != [ ]) {
      text = lib.concatMapStrings (server: "nameserver ${server}\n") cfg.nameservers;
    };
  };
}
