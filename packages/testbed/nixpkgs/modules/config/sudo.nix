{ config, lib, ... }:
let
  cfg = config.security.sudo;
  inherit (lib) mkOption types;

  command.options = {
    command = mkOption {
      type = types.str;
      description = "The command, or ALL.";
    };
    options = mkOption {
      type = types.listOf (
        types.enum [
          "NOPASSWD"
          "PASSWD"
          "NOEXEC"
          "EXEC"
          "SETENV"
          "NOSETENV"
          "LOG_INPUT"
          "NOLOG_INPUT"
          "LOG_OUTPUT"
          "NOLOG_OUTPUT"
        ]
      );
      default = [ ];
      description = "Tags of the command.";
    };
  };
  rule.options = {
    users = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "The users it is for.";
    };
    groups = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "The groups it is for.";
    };
    host = mkOption {
      type = types.str;
      default = "ALL";
      description = "The host it holds on.";
    };
    runAs = mkOption {
      type = types.str;
      default = "ALL:ALL";
      description = "The user and group it may run as.";
    };
    commands = mkOption {
      type = types.listOf (types.either types.str (types.submodule command));
      description = "The commands it allows.";
    };
  };

  commandText =
    entry:
    if builtins.isString entry then
      entry
    else
      lib.concatMapStrings (tag: "${tag}: ") entry.options + entry.command;
  ruleText =
    rule:
    lib.concatMapStrings (
      who:
      "${who} ${rule.host}=(${rule.runAs}) ${lib.concatMapStringsSep ", " commandText rule.commands}\n"
    ) (rule.users ++ map (group: "%${group}") rule.groups);
in
{
  options.security.sudo = {
    enable = mkOption {
      type = types.bool;
      default = true;
      description = "Whether to enable sudo.";
    };
    wheelNeedsPassword = mkOption {
      type = types.bool;
      default = true;
      description = "Whether users of the group wheel give their password.";
    };
    execWheelOnly = lib.mkEnableOption "sudo for the group wheel only";
    extraRules = mkOption {
      type = types.listOf (types.submodule rule);
      default = [ ];
      description = "Further rules.";
    };
    extraConfig = mkOption {
      type = types.lines;
      default = "";
      description = "Further lines of /etc/sudoers.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.etc.sudoers = {
      mode = "0440";
      text = ''
        Defaults secure_path="/run/wrappers/bin:/run/current-system/sw/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        root ALL=(ALL:ALL) SETENV: ALL
        %wheel ALL=(ALL:ALL) ${lib.optionalString (!cfg.wheelNeedsPassword) "NOPASSWD: "}SETENV: ALL
        ${lib.concatMapStrings ruleText cfg.extraRules}${cfg.extraConfig}
      '';
    };
    system.activationScripts.wrappers = {
      deps = [ "var" ];
      text = "ln -sfn /usr/bin/sudo /run/wrappers/bin/sudo";
    };
  };
}
