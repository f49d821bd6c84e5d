# /etc/systemd/system: every unit of the configuration and the links that make targets want them.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  names =
    what:
    lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = what;
    };
  unit.options = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = "Whether the unit may run; a unit that may not is masked.";
    };
    text = lib.mkOption {
      type = lib.types.lines;
      description = "The unit file.";
    };
    wantedBy = names "Units that start this one along.";
    requiredBy = names "Units that need this one.";
    aliases = names "Further names of the unit.";
  };

  units = lib.imap0 (index: name: config.systemd.units.${name} // { inherit name index; }) (
    builtins.attrNames config.systemd.units
  );
  written = builtins.filter (unit: unit.enable) units;
  variable = unit: "unit${toString unit.index}";
  texts = builtins.listToAttrs (map (unit: lib.nameValuePair (variable unit) unit.text) written);

  link =
    target: kind: name:
    "mkdir -p ${lib.escapeShellArg "${target}.${kind}"}; ln -s ${
      lib.escapeShellArgs [
        "../${name}"
        "${target}.${kind}/${name}"
      ]
    }\n";
  install =
    unit:
    let
      file = lib.escapeShellArg unit.name;
    in
    if unit.enable then
      "cp \"\$${variable unit}Path\" ${file}\n"
      + lib.concatMapStrings (target: link target "wants" unit.name) unit.wantedBy
      + lib.concatMapStrings (target: link target "requires" unit.name) unit.requiredBy
      + lib.concatMapStrings (
        alias:
        "ln -s ${
          lib.escapeShellArgs [
            unit.name
            alias
          ]
        }\n"
      ) unit.aliases
    else
      "ln -s /dev/null ${file}\n";
in
{
  options.systemd = {
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.systemd;
      description = "The systemd package.";
    };
    units = lib.mkOption {
      type = lib.types.attrsOf (lib.types.submodule unit);
      default = { };
      internal = true;
      description = "Unit files by name.";
    };
    defaultUnit = lib.mkOption {
      type = lib.types.str;
      default = "multi-user.target";
      description = "The unit started at boot.";
    };
  };

  config.environment.etc."systemd/system".source =
    pkgs.runCommand "system-units" (texts // { passAsFile = builtins.attrNames texts; })
      ''
        mkdir "$out"
        cd "$out"
        ${lib.concatMapStrings install units}
        ln -s /usr/lib/systemd/system/${config.systemd.defaultUnit} default.target
      '';
}
