# Options that units of every kind have, named as in NixOS.
{ lib }:
let
  inherit (lib) types;
  names =
    what:
    lib.mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = what;
    };
  primitive = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.float
      types.str
      types.path
      types.package
    ]
  );
in
rec {
  section =
    what:
    lib.mkOption {
      type = types.attrsOf (types.either primitive (types.listOf primitive));
      default = { };
      description = "Settings of the unit's ${what} section.";
    };

  commands =
    what:
    lib.mkOption {
      type = types.lines;
      default = "";
      description = "Shell commands ${what}.";
    };

  common = {
    enable = lib.mkOption {
      type = types.bool;
      default = true;
      description = "Whether the unit may run; a unit that may not is masked.";
    };
    description = lib.mkOption {
      type = types.singleLineStr;
      default = "";
      description = "What the unit is, for people.";
    };
    documentation = names "Addresses of the unit's documentation.";
    requires = names "Units started along, whose failure makes this one fail.";
    wants = names "Units started along.";
    upholds = names "Units kept running while this one runs.";
    after = names "Units this one starts after.";
    before = names "Units this one starts before.";
    bindsTo = names "Units with which this one stops.";
    partOf = names "Units with which this one is stopped and restarted.";
    conflicts = names "Units that do not run along with this one.";
    requisite = names "Units that must run already.";
    onFailure = names "Units started when this one fails.";
    onSuccess = names "Units started when this one ends well.";
    wantedBy = names "Units that start this one along.";
    requiredBy = names "Units that need this one.";
    aliases = names "Further names of the unit.";
    unitConfig = section "[Unit]";
    startLimitIntervalSec = lib.mkOption {
      type = types.nullOr types.int;
      default = null;
      description = "Seconds in which starts are counted.";
    };
    startLimitBurst = lib.mkOption {
      type = types.nullOr types.int;
      default = null;
      description = "Starts allowed in that time.";
    };
    restartTriggers = lib.mkOption {
      type = types.listOf types.unspecified;
      default = [ ];
      description = "Values whose change restarts the unit.";
    };
    reloadTriggers = lib.mkOption {
      type = types.listOf types.unspecified;
      default = [ ];
      description = "Values whose change reloads the unit.";
    };
  };
}
