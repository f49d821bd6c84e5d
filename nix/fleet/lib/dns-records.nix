# Types of DNS records: what each looks like as an option, and in a zone file.
{ ip, lib }:
let
  inherit (lib) mkOption types;

  label = "[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?";
  isDomain =
    name:
    builtins.stringLength name <= 254 && builtins.match "[.]|${label}([.]${label})*[.]?" name != null;
  domain = types.addCheck types.str isDomain // {
    description = "domain name";
  };
  # In a zone file a name without the dot at its end would be one inside the zone.
  absolute = name: if name == "." then name else "${lib.toLower (lib.removeSuffix "." name)}.";

  text = types.addCheck types.str (value: builtins.match "[ -~]*" value != null) // {
    description = "text of printable ASCII characters";
  };
  quoted = value: ''"${lib.escape [ "\\" "\"" ] value}"'';
  # A string of a record has 255 characters at most.
  pieces =
    value:
    if builtins.stringLength value <= 255 then
      [ value ]
    else
      [ (builtins.substring 0 255 value) ] ++ pieces (builtins.substring 255 (-1) value);

  number =
    default: description:
    mkOption {
      type = types.ints.u16;
      inherit default description;
    };

  mx.options = {
    preference = number 10 "The lowest number is tried first.";
    exchange = mkOption {
      type = domain;
      example = "mail.example.org";
      description = "The mail server's name.";
    };
  };
  srv.options = {
    priority = number 0 "The lowest number is tried first.";
    weight = number 0 "The share of this one among those of the same priority.";
    port = mkOption {
      type = types.port;
      example = 25565;
      description = "The service's port.";
    };
    target = mkOption {
      type = domain;
      example = "games.example.org";
      description = "The name of the host that has the service.";
    };
  };
  caa.options = {
    critical = mkOption {
      type = types.bool;
      default = false;
      description = "Whether an authority that does not know the tag must refuse.";
    };
    tag = mkOption {
      type = types.strMatching "[a-z0-9]{1,15}";
      default = "issue";
      example = "iodef";
      description = "What the value says.";
    };
    value = mkOption {
      type = text;
      example = "letsencrypt.org";
      description = "The authority, or what the tag asks for.";
    };
  };

  either =
    key: from: module:
    types.coercedTo from (value: { ${key} = value; }) (types.submodule module);

  kinds = {
    A = {
      type = ip.types.ipv4;
      show = lib.id;
      example = "10.0.0.10";
    };
    AAAA = {
      type = ip.types.ipv6;
      show = lib.id;
      example = "fd00::10";
    };
    CAA = {
      type = either "value" types.str caa;
      show = value: "${if value.critical then "128" else "0"} ${value.tag} ${quoted value.value}";
      example = "letsencrypt.org";
    };
    CNAME = {
      type = domain;
      show = absolute;
      example = "web01.example.org";
    };
    MX = {
      type = either "exchange" types.str mx;
      show = value: "${toString value.preference} ${absolute value.exchange}";
      example = "mail.example.org";
    };
    NS = {
      type = domain;
      show = absolute;
      example = "ns1.example.net";
    };
    PTR = {
      type = domain;
      show = absolute;
      example = "web01.example.org";
    };
    SRV = {
      type = types.submodule srv;
      show =
        value:
        "${toString value.priority} ${toString value.weight} ${toString value.port} ${absolute value.target}";
      example = {
        port = 25565;
        target = "games.example.org";
      };
    };
    TXT = {
      type = text;
      show = value: lib.concatMapStringsSep " " quoted (pieces value);
      example = "v=spf1 -all";
    };
  };
in
{
  inherit absolute domain isDomain;

  show = builtins.mapAttrs (_: kind: kind.show) kinds;

  options = builtins.mapAttrs (
    name: kind:
    mkOption {
      type = types.coercedTo (types.addCheck types.unspecified (
        value: !builtins.isList value
      )) lib.singleton (types.listOf kind.type);
      default = [ ];
      inherit (kind) example;
      description = "${name} records: one value, or a list.";
    }
  ) kinds;
}
