# Sockets, timers, targets, paths, slices and mounts: unit files with one section of their own.
{ config, lib, ... }:
let
  unitOptions = import ./unit-options.nix { inherit lib; };
  text = import ./unit-text.nix { inherit lib; };

  kinds = {
    sockets = {
      suffix = ".socket";
      section = "Socket";
      option = "socketConfig";
    };
    timers = {
      suffix = ".timer";
      section = "Timer";
      option = "timerConfig";
    };
    paths = {
      suffix = ".path";
      section = "Path";
      option = "pathConfig";
    };
    slices = {
      suffix = ".slice";
      section = "Slice";
      option = "sliceConfig";
    };
  };

  unitType =
    kind:
    lib.types.submodule {
      options = unitOptions.common // {
        ${kind.option} = unitOptions.section "[${kind.section}]";
      };
    };
  unitsOf =
    name: kind:
    lib.mapAttrs' (
      unitName: unit:
      lib.nameValuePair "${unitName}${kind.suffix}" (
        text.unitFile unit (text.sectionText kind.section (settingsOf name unit // unit.${kind.option}))
      )
    ) config.systemd.${name};
  settingsOf =
    name: unit:
    lib.optionalAttrs (name == "sockets") {
      ListenStream = unit.listenStreams;
      ListenDatagram = unit.listenDatagrams;
    };

  targets = lib.mapAttrs' (
    name: unit: lib.nameValuePair "${name}.target" (text.unitFile unit "")
  ) config.systemd.targets;

  # The file of a mount is named after its path.
  mountName =
    path:
    if path == "/" then
      "-.mount"
    else
      "${lib.replaceStrings [ "-" "/" ] [ "\\x2d" "-" ] (lib.removePrefix "/" path)}.mount";
  mounts = builtins.listToAttrs (
    map (
      unit:
      lib.nameValuePair (mountName unit.where) (
        text.unitFile unit (
          text.sectionText "Mount" (
            {
              What = unit.what;
              Where = unit.where;
              Type = if unit.type == "" then null else unit.type;
              Options = if unit.options == "" then null else unit.options;
            }
            // unit.mountConfig
          )
        )
      )
    ) config.systemd.mounts
  );

  string =
    what:
    lib.mkOption {
      type = lib.types.str;
      default = "";
      description = what;
    };
  addresses =
    what:
    lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = what;
    };
  unitsOption =
    type: what:
    lib.mkOption {
      inherit type;
      default = if what == "Mounts" then [ ] else { };
      description = "${what}.";
    };
in
{
  options.systemd = {
    sockets = unitsOption (lib.types.attrsOf (
      lib.types.submodule {
        options = unitOptions.common // {
          socketConfig = unitOptions.section "[Socket]";
          listenStreams = addresses "Addresses of stream sockets.";
          listenDatagrams = addresses "Addresses of datagram sockets.";
        };
      }
    )) "Sockets";
    timers = unitsOption (lib.types.attrsOf (unitType kinds.timers)) "Timers";
    paths = unitsOption (lib.types.attrsOf (unitType kinds.paths)) "Path units";
    slices = unitsOption (lib.types.attrsOf (unitType kinds.slices)) "Slices";
    targets = unitsOption (lib.types.attrsOf (
      lib.types.submodule { options = unitOptions.common; }
    )) "Targets";
    mounts = unitsOption (lib.types.listOf (
      lib.types.submodule {
        options = unitOptions.common // {
          what = string "The device.";
          where = string "The mount point.";
          type = string "The file system's type.";
          options = string "Mount options.";
          mountConfig = unitOptions.section "[Mount]";
        };
      }
    )) "Mounts";
  };

  config.systemd.units = lib.mkMerge (
    lib.mapAttrsToList unitsOf kinds
    ++ [
      targets
      mounts
    ]
  );
}
