# dns.zones and dns.records
{ dns, lib }:
let
  inherit (lib) mkOption types;

  seconds =
    default: description:
    mkOption {
      type = types.ints.between 0 2147483647;
      inherit default description;
    };

  zone =
    { name, config, ... }:
    {
      options = {
        primary = mkOption {
          type = types.str;
          example = "dns01";
          description = "The host that has the zone.";
        };
        secondaries = mkOption {
          type = types.listOf types.str;
          default = [ ];
          example = [ "dns02" ];
          description = "Further hosts that serve the zone. They get it from the primary.";
        };
        nameServers = mkOption {
          type = types.nonEmptyListOf dns.domain;
          default = map (host: "${host}.${name}") ([ config.primary ] ++ config.secondaries);
          defaultText = lib.literalMD "the primary and the secondaries, as names in the zone that have the hosts' `addresses`";
          example = [ "ns1.example.org" ];
          description = "Names of the servers, for NS records; the first is also that of the SOA record.";
        };
        ttl = seconds 3600 "Seconds for which others may remember a record that has no `ttl` of its own.";
        soa = {
          email = mkOption {
            type = types.strMatching "[a-zA-Z0-9._+-]+@[a-zA-Z0-9.-]+";
            default = "hostmaster@${name}";
            defaultText = lib.literalMD "hostmaster of the zone";
            description = "Who is responsible for the zone.";
          };
          serial = mkOption {
            type = types.nullOr types.ints.u32;
            default = null;
            example = 2026010100;
            description = ''
              The number by which secondaries see that the zone has changed: they take over higher ones only. With null
              the primary counts for itself. A number given here must grow with every change, also with one that goes back.
            '';
          };
          refresh = seconds 3600 "Seconds between two questions of a secondary whether the zone has changed.";
          retry = seconds 600 "Seconds until a secondary asks again that got no answer.";
          expire = seconds 1209600 "Seconds after which a secondary without an answer serves the zone no longer.";
          negativeTtl = seconds 300 "Seconds for which others may remember that a name does not exist.";
        };
      };
    };

  record.options = dns.options // {
    ttl = mkOption {
      type = types.nullOr (types.ints.between 0 2147483647);
      default = null;
      example = 300;
      description = "Seconds for which others may remember the records; null means those of the zone.";
    };
  };

  # Names of sets are checked by nothing else.
  named =
    isName: what: set:
    let
      wrong = builtins.filter (name: !isName name) (builtins.attrNames set);
    in
    if wrong == [ ] then
      set
    else
      throw "${what}.${builtins.toJSON (builtins.head wrong)} is no domain name.";
in
{
  zones = mkOption {
    type = types.attrsOf (types.submodule zone);
    default = { };
    apply = named (
      name: dns.isDomain name && lib.toLower name == name && !lib.hasSuffix "." name
    ) "dns.zones";
    example."home.arpa" = {
      primary = "dns01";
      secondaries = [ "dns02" ];
    };
    description = "Zones that hosts of the fleet serve, by name, in lower case and without a dot at the end.";
  };
  records = mkOption {
    type = types.attrsOf (types.submodule record);
    default = { };
    apply = named (name: dns.isDomain (lib.removePrefix "*." name)) "dns.records";
    example = {
      "web01.home.arpa".A = "10.0.0.10";
      "www.home.arpa".CNAME = "web01.home.arpa";
      "_minecraft._tcp.home.arpa".SRV = {
        port = 25565;
        target = "games.home.arpa";
      };
    };
    description = ''
      Records by their full name. Each gets into the innermost of `dns.zones` that its name is in. Names in
      values are full names, too, with or without a dot at the end.
    '';
  };
}
