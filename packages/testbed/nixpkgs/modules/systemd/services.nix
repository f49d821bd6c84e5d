{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkIf mkOption types;
  inherit (config) systemd;
  unitOptions = import ./unit-options.nix { inherit lib; };
  text = import ./unit-text.nix { inherit lib; };

  flag =
    default: what:
    mkOption {
      type = types.bool;
      inherit default;
      description = what;
    };

  service =
    { name, config, ... }:
    let
      # The journal shows the last part of the program's path.
      program =
        suffix: commands:
        let
          command = "${lib.replaceStrings [ "@" ":" ] [ "-" "-" ] name}-${suffix}";
        in
        "${
          pkgs.writeTextFile {
            name = "unit-script-${command}";
            destination = "/bin/${command}";
            executable = true;
            text = "#!/usr/bin/bash\nset -e\n${commands}";
          }
        }/bin/${command}";
      runs =
        setting: suffix: commands:
        mkIf (commands != "") { ${setting} = program suffix commands; };
    in
    {
      options = unitOptions.common // {
        serviceConfig = unitOptions.section "[Service]";
        script = unitOptions.commands "that are the service's main process";
        preStart = unitOptions.commands "run before the main process";
        postStart = unitOptions.commands "run after the main process has started";
        reload = unitOptions.commands "that reload the service";
        preStop = unitOptions.commands "that stop the service";
        postStop = unitOptions.commands "run after the service has stopped";
        environment = mkOption {
          type = types.attrsOf (
            types.nullOr (
              types.oneOf [
                types.str
                types.path
                types.package
              ]
            )
          );
          default = { };
          description = "Environment variables.";
        };
        path = mkOption {
          type = types.listOf (types.either types.package types.str);
          default = [ ];
          description = "Packages in the service's PATH.";
        };
        startAt = mkOption {
          type = types.either types.str (types.listOf types.str);
          default = [ ];
          example = "daily";
          description = "Calendar events at which the service is started.";
        };
        reloadIfChanged = flag false "Whether a changed service is reloaded, not restarted.";
        restartIfChanged = flag true "Whether a changed service is restarted.";
        stopIfChanged = flag true "Whether a changed service is stopped with its old definition and started with the new one, not restarted in one go.";
      };

      config = {
        path = lib.mkAfter [
          pkgs.coreutils
          pkgs.findutils
          pkgs.gnugrep
          pkgs.gnused
          systemd.package
        ];
        environment.PATH = mkIf (config.path != [ ]) (
          lib.concatMapStringsSep ":" (package: "${package}/bin:${package}/sbin") config.path
        );
        serviceConfig = lib.mkMerge [
          (runs "ExecStart" "start" config.script)
          (runs "ExecStartPre" "pre-start" config.preStart)
          (runs "ExecStartPost" "post-start" config.postStart)
          (runs "ExecReload" "reload" config.reload)
          (runs "ExecStop" "pre-stop" config.preStop)
          (runs "ExecStopPost" "post-stop" config.postStop)
        ];
      };
    };

  serviceFile =
    unit:
    text.unitFile unit (
      text.sectionText "Service" (
        {
          Environment = lib.mapAttrsToList (name: value: builtins.toJSON "${name}=${toString value}") (
            lib.filterAttrs (_: value: value != null) unit.environment
          );
          X-ReloadIfChanged = if unit.reloadIfChanged then true else null;
          X-RestartIfChanged = if unit.restartIfChanged then null else false;
          X-StopIfChanged = if unit.stopIfChanged then null else false;
        }
        // unit.serviceConfig
      )
    );
  scheduled = lib.filterAttrs (_: unit: unit.startAt != [ ]) config.systemd.services;
in
{
  options.systemd.services = mkOption {
    type = types.attrsOf (types.submodule service);
    default = { };
    description = "Services.";
  };

  config.systemd = {
    units = lib.mapAttrs' (
      name: unit: lib.nameValuePair "${name}.service" (serviceFile unit)
    ) config.systemd.services;
    timers = builtins.mapAttrs (_: unit: {
      wantedBy = [ "timers.target" ];
      timerConfig.OnCalendar = unit.startAt;
    }) scheduled;
  };
}
