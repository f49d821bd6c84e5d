# Zones of the DNS, served by NSD, and records that need not know which host serves theirs.
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (config.dns) records zones;
  ip = import ./lib/ip.nix { inherit lib; };
  dns = import ./lib/dns-records.nix { inherit ip lib; };
  namedHost = import ./lib/named-host.nix { inherit config lib options; };
  inZone = import ./lib/dns-zone.nix {
    inherit
      dns
      lib
      records
      zones
      ;
  };

  servers = zone: [ zone.primary ] ++ zone.secondaries;
  addressesOf = host: config.addresses.${host} or [ ];
  withKey = map (address: "${address} NOKEY");

  # The name servers that nobody has named get their addresses, too.
  glue =
    name: zone:
    map (host: {
      "${host}.${name}" = lib.mkIf (lib.elem "${host}.${name}" zone.nameServers) {
        A = lib.mkDefault (builtins.filter ip.isIpv4 (addressesOf host));
        AAAA = lib.mkDefault (builtins.filter (address: !ip.isIpv4 address) (addressesOf host));
      };
    }) (servers zone);

  check =
    name: zone:
    let
      named = namedHost [
        "dns"
        "zones"
      ];
      option = "dns.zones.${builtins.toJSON name}";
    in
    [ (named "${option}.primary" zone.primary) ]
    ++ map (named "${option}.secondaries") zone.secondaries
    ++ [
      {
        assertion = !lib.elem zone.primary zone.secondaries;
        message = "${option}: ${zone.primary} is the primary. Take it out of secondaries.";
      }
    ]
    ++ map (host: {
      assertion = config.hosts ? ${host} -> addressesOf host != [ ];
      message = "addresses.${host} is missing: ${host} serves the zone ${name}.";
    }) (servers zone);

  primary = name: zone: {
    data = inZone.text name zone;
    notify = withKey (lib.concatMap addressesOf zone.secondaries);
    provideXFR = withKey (lib.concatMap addressesOf zone.secondaries);
  };
  # What the zone is here stands in until the primary has answered, also when it does not.
  secondary = name: zone: {
    data = inZone.text name zone;
    allowNotify = withKey (addressesOf zone.primary);
    requestXFR = map (address: "AXFR ${address}") (withKey (addressesOf zone.primary));
  };
in
{
  imports = [
    ./addresses.nix
    ./hosts.nix
  ];

  options.dns = import ./lib/dns-options.nix { inherit dns lib; };

  config = {
    assertions = lib.concatLists (lib.mapAttrsToList check zones) ++ inZone.assertions;

    dns.records = lib.mkMerge (lib.concatLists (lib.mapAttrsToList glue zones));

    defaults =
      { name, ... }:
      let
        primaries = lib.filterAttrs (_: zone: zone.primary == name) zones;
        secondaries = lib.filterAttrs (_: zone: lib.elem name zone.secondaries) zones;
        counted = builtins.attrNames (lib.filterAttrs (_: zone: zone.soa.serial == null) primaries);
      in
      {
        config = lib.mkIf (primaries != { } || secondaries != { }) {
          services.nsd = {
            enable = true;
            # Without one it listens everywhere.
            interfaces = lib.mkDefault [ ];
            zones = builtins.mapAttrs primary primaries // builtins.mapAttrs secondary secondaries;
          };
          systemd.services.nsd.preStart = lib.mkIf (counted != [ ]) (
            lib.mkAfter (
              builtins.readFile ./lib/zone-serial.sh
              + lib.concatMapStrings (zone: "count_serial ${lib.escapeShellArg zone}\n") counted
            )
          );
          networking.firewall = {
            allowedTCPPorts = [ 53 ];
            allowedUDPPorts = [ 53 ];
          };
        };
      };
  };
}
