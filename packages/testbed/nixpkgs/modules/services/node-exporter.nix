{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.prometheus.exporters.node;
  inherit (lib) mkOption types;

  strings =
    what:
    mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = what;
    };
  flags = lib.concatStringsSep " " (
    map (name: "--collector.${name}") cfg.enabledCollectors
    ++ map (name: "--no-collector.${name}") cfg.disabledCollectors
    ++ [ "--web.listen-address ${cfg.listenAddress}:${toString cfg.port}" ]
    ++ cfg.extraFlags
  );
in
{
  options.services.prometheus.exporters.node = {
    enable = lib.mkEnableOption "the prometheus node exporter";
    port = mkOption {
      type = types.port;
      default = 9100;
      description = "Port to listen on.";
    };
    listenAddress = mkOption {
      type = types.str;
      default = "0.0.0.0";
      description = "Address to listen on.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the firewall lets the port through.";
    };
    enabledCollectors = strings "Collectors beside the default ones.";
    disabledCollectors = strings "Default collectors that are left out.";
    extraFlags = strings "Further flags.";
  };

  config = lib.mkIf cfg.enable {
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall [ cfg.port ];
    users.groups.node-exporter = { };
    users.users.node-exporter = {
      description = "Prometheus node exporter service user";
      isSystemUser = true;
      group = "node-exporter";
    };
    systemd.services.prometheus-node-exporter = {
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      serviceConfig = {
        ExecStart = "${pkgs.prometheus-node-exporter}/bin/node_exporter ${flags}";
        Restart = "always";
        User = "node-exporter";
        Group = "node-exporter";
        CapabilityBoundingSet = [ "" ];
        NoNewPrivileges = true;
        PrivateTmp = true;
        ProtectHome = true;
        ProtectSystem = "strict";
        UMask = "0077";
      };
    };
  };
}
