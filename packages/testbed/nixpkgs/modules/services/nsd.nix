{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.nsd;
  inherit (lib) mkOption types;
  state = "/var/lib/nsd";

  strings =
    what:
    mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = what;
    };
  zone.options = {
    data = mkOption {
      type = types.lines;
      default = "";
      description = "The zone file.";
    };
    allowNotify = strings "Primaries that may tell of changes.";
    requestXFR = strings "Primaries to get the zone from.";
    notify = strings "Secondaries to tell of changes.";
    provideXFR = strings "Secondaries that may get the zone.";
  };

  each = setting: lib.concatMapStrings (value: "  ${setting}: ${value}\n");
  zoneText = name: zone: ''
    zone:
      name: "${name}"
      zonefile: "${state}/zones/${name}"
    ${each "allow-notify" zone.allowNotify}${each "request-xfr" zone.requestXFR}${each "notify" zone.notify}${each "provide-xfr" zone.provideXFR}
  '';
  configFile = pkgs.writeTextDir "nsd.conf" ''
    server:
      chroot: "${state}"
      username: nsd
      zonesdir: "${state}"
      pidfile: "${state}/var/nsd.pid"
      xfrdfile: "${state}/var/xfrd.state"
      xfrdir: "${state}/tmp"
      zonelistfile: "${state}/var/zone.list"
    ${each "ip-address" cfg.interfaces}
    remote-control:
      control-enable: no
    ${lib.concatStrings (lib.mapAttrsToList zoneText cfg.zones)}
  '';
  # NixOS checks zones and configuration as it builds this. Here the programs are on the host alone.
  environment = pkgs.symlinkJoin {
    name = "nsd-env";
    paths = [
      configFile
    ]
    ++ lib.mapAttrsToList (
      name: zone:
      pkgs.writeTextFile {
        name = "nsd-zone-${name}";
        text = zone.data;
        destination = "/zones/${name}";
      }
    ) cfg.zones;
  };
in
{
  options.services.nsd = {
    enable = lib.mkEnableOption "NSD authoritative DNS server";
    interfaces = mkOption {
      type = types.listOf types.str;
      default = [
        "127.0.0.0"
        "::1"
      ];
      description = "Addresses the server listens on.";
    };
    zones = mkOption {
      type = types.attrsOf (types.submodule zone);
      default = { };
      description = "Zones.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ pkgs.nsd ];
    environment.etc."nsd/nsd.conf".source = "${configFile}/nsd.conf";
    users.groups.nsd = { };
    users.users.nsd = {
      description = "NSD service user";
      home = state;
      createHome = true;
      isSystemUser = true;
      group = "nsd";
    };
    systemd.services.nsd = {
      description = "NSD authoritative only domain name service";
      after = [ "network.target" ];
      wantedBy = [ "multi-user.target" ];
      startLimitBurst = 4;
      startLimitIntervalSec = 5 * 60;
      serviceConfig = {
        ExecStart = "${pkgs.nsd}/bin/nsd -d -c ${environment}/nsd.conf";
        StandardError = "null";
        PIDFile = "${state}/var/nsd.pid";
        Restart = "always";
        RestartSec = "4s";
      };
      preStart = ''
        rm -Rf "${state}/private/"
        rm -Rf "${state}/tmp/"

        install -dm 0700 -o nsd -g nsd "${state}/private"
        install -dm 0700 -o nsd -g nsd "${state}/tmp"
        install -dm 0700 -o nsd -g nsd "${state}/var"

        rm -rf "${state}/zones"
        cp -rL "${environment}/zones" "${state}/zones"
      '';
    };
  };
}
