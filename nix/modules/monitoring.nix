# What a host tells Prometheus of its generations and deployments: docs/monitoring.md.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  homelab-activate = import ../packages/homelab-activate.nix {
    inherit lib;
    inherit (pkgs) coreutils writeScriptBin writeText;
    trustedKeys = [ ];
  };

  directory = "/run/homelab-metrics";
  # What changes with every switch, deployment and rollback.
  watched = [
    "/run/current-system"
    "/run/homelab-deploy"
    "/nix/var/nix/profiles"
  ];
  # What goes well every minute is nothing to log.
  quiet = {
    LogLevelMax = "notice";
    SyslogLevel = "warning";
  };
  look = "stat --format %n%z ${toString watched} 2>/dev/null || true";
in
{
  options.homelab.monitoring.enable = lib.mkEnableOption ''
    metrics of this host's generations and deployments, which the node exporter serves with its own.
    Port, address and firewall are those of `services.prometheus.exporters.node`
  '';

  config = lib.mkIf config.homelab.monitoring.enable {
    services.prometheus.exporters.node = {
      enable = true;
      enabledCollectors = [ "textfile" ];
      extraFlags = [ "--collector.textfile.directory=${directory}" ];
    };

    systemd = {
      # Started by each of: a boot and a switch, with their target; what is watched; the clock, as an age grows by itself.
      services.homelab-metrics = {
        description = "Metrics of generations and deployments";
        wantedBy = [ "multi-user.target" ];
        startAt = "minutely";
        before = [ "prometheus-node-exporter.service" ];
        startLimitIntervalSec = 0;
        onSuccess = [ "homelab-metrics-again.service" ];
        script = ''
          seen=$(${look})
          ${homelab-activate}/bin/homelab-activate metrics >${directory}/nixos.new
          mv ${directory}/nixos.new ${directory}/nixos.prom
          echo "$seen" >${directory}/seen
        '';
        serviceConfig = quiet // {
          Type = "oneshot";
          RuntimeDirectory = baseNameOf directory;
          RuntimeDirectoryPreserve = true;
          TimeoutStartSec = 60;
          # The journal of deployments is root's; beyond that it needs nothing of what root can do.
          CapabilityBoundingSet = "";
          IPAddressDeny = "any";
          LockPersonality = true;
          MemoryDenyWriteExecute = true;
          NoNewPrivileges = true;
          PrivateDevices = true;
          PrivateNetwork = true;
          PrivateTmp = true;
          ProtectClock = true;
          ProtectControlGroups = true;
          ProtectHome = true;
          ProtectKernelLogs = true;
          ProtectKernelModules = true;
          ProtectKernelTunables = true;
          ProtectSystem = "strict";
          RestrictAddressFamilies = "none";
          RestrictNamespaces = true;
          RestrictRealtime = true;
          RestrictSUIDSGID = true;
          SystemCallArchitectures = "native";
          SystemCallFilter = "@system-service";
        };
      };
      # What changes while the service runs starts nothing. By now what changes starts it again.
      services.homelab-metrics-again = {
        description = "Whether generations or deployments changed meanwhile";
        serviceConfig = quiet // {
          Type = "oneshot";
        };
        script = ''
          [ "$(${look})" = "$(cat ${directory}/seen)" ] || systemctl start --no-block homelab-metrics.service
        '';
      };
      paths.homelab-metrics = {
        description = "Generations and deployments change";
        wantedBy = [ "multi-user.target" ];
        pathConfig.PathChanged = watched;
      };
    };
  };
}
