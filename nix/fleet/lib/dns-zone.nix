# The text of a zone file, and what must hold of the records before there can be one.
{
  dns,
  lib,
  records,
  zones,
}:
let
  canonical = name: lib.toLower (lib.removeSuffix "." name);

  # The innermost zone that the name is in.
  zoneOf =
    name:
    let
      labels = lib.splitString "." (canonical name);
      suffixes = map (count: lib.concatStringsSep "." (lib.drop count labels)) (
        lib.range 0 (builtins.length labels - 1)
      );
    in
    lib.findFirst (suffix: zones ? ${suffix}) null suffixes;

  byZone = lib.groupBy zoneOf (
    builtins.filter (name: zoneOf name != null) (builtins.attrNames records)
  );

  # `type data` of each record of a name.
  contents =
    record:
    lib.concatLists (
      lib.mapAttrsToList (
        type: show:
        map (value: {
          inherit type;
          data = show value;
        }) record.${type}
      ) dns.show
    );

  line =
    ttl: name:
    { type, data }:
    "${dns.absolute name} ${toString ttl} IN ${type} ${data}";

  soa =
    name: zone:
    let
      inherit (zone) soa;
      # A dot before the @ is part of the mailbox's name.
      mailbox = lib.splitString "@" soa.email;
      email = "${lib.replaceStrings [ "." ] [ "\\." ] (builtins.head mailbox)}.${lib.last mailbox}";
      numbers = [
        (if soa.serial == null then 1 else soa.serial)
        soa.refresh
        soa.retry
        soa.expire
        soa.negativeTtl
      ];
    in
    line zone.ttl name {
      type = "SOA";
      data = "${dns.absolute (builtins.head zone.nameServers)} ${dns.absolute email} ${toString numbers}";
    };
in
{
  text =
    name: zone:
    let
      ofName =
        owner:
        let
          record = records.${owner};
        in
        map (line (if record.ttl == null then zone.ttl else record.ttl) owner) (contents record);
      nameServers = map (
        server:
        line zone.ttl name {
          type = "NS";
          data = dns.absolute server;
        }
      ) zone.nameServers;
    in
    lib.concatLines (
      [ (soa name zone) ] ++ lib.unique (nameServers ++ lib.concatMap ofName (byZone.${name} or [ ]))
    );

  assertions = lib.concatLists (
    lib.mapAttrsToList (name: record: [
      {
        assertion = zoneOf name != null;
        message = "dns.records.${builtins.toJSON name}: this name is in no zone of the fleet. ${
          if zones == { } then
            "dns.zones has none."
          else
            "dns.zones has ${lib.concatStringsSep ", " (builtins.attrNames zones)}."
        }";
      }
      {
        assertion =
          record.CNAME == [ ] || (builtins.length (contents record) == 1 && !zones ? ${canonical name});
        message = "dns.records.${builtins.toJSON name}: a name with a CNAME has nothing else, and is not the zone itself.";
      }
    ]) records
  );
}
