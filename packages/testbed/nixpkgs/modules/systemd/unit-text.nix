# From options to the text of a unit file.
{ lib }:
let
  show = value: if builtins.isBool value then lib.boolToString value else toString value;
  line =
    name: value:
    if value == null then
      ""
    else if builtins.isList value then
      lib.concatMapStrings (line name) value
    else
      "${name}=${show value}\n";
  joined = values: if values == [ ] then null else toString values;
in
rec {
  sectionText =
    name: settings:
    lib.optionalString (
      settings != { }
    ) "[${name}]\n${lib.concatStrings (lib.mapAttrsToList line settings)}\n";

  unitSection =
    unit:
    sectionText "Unit" (
      {
        Description = if unit.description == "" then null else unit.description;
        Documentation = joined unit.documentation;
        Requires = joined unit.requires;
        Wants = joined unit.wants;
        Upholds = joined unit.upholds;
        After = joined unit.after;
        Before = joined unit.before;
        BindsTo = joined unit.bindsTo;
        PartOf = joined unit.partOf;
        Conflicts = joined unit.conflicts;
        Requisite = joined unit.requisite;
        OnFailure = joined unit.onFailure;
        OnSuccess = joined unit.onSuccess;
        StartLimitIntervalSec = unit.startLimitIntervalSec;
        StartLimitBurst = unit.startLimitBurst;
        X-Restart-Triggers = joined unit.restartTriggers;
        X-Reload-Triggers = joined unit.reloadTriggers;
      }
      // unit.unitConfig
    );

  unitFile = unit: settings: {
    inherit (unit)
      enable
      wantedBy
      requiredBy
      aliases
      ;
    text = unitSection unit + settings;
  };
}
