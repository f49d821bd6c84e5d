{ config, lib, ... }:
let
  inherit (config.systemd.tmpfiles) rules;
in
{
  options.systemd.tmpfiles.rules = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
    example = [ "d /var/lib/app 0755 root root -" ];
    description = "Files and folders that exist, in the form of tmpfiles.d(5).";
  };

  config = lib.mkIf (rules != [ ]) {
    environment.etc."tmpfiles.d/00-nixos.conf".text = lib.concatLines rules;

    systemd.services.systemd-tmpfiles-resetup = {
      description = "Files and folders of the configuration";
      wantedBy = [ "multi-user.target" ];
      restartTriggers = [ config.environment.etc."tmpfiles.d/00-nixos.conf".source ];
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "/usr/bin/systemd-tmpfiles --create --remove --exclude-prefix=/dev";
      };
    };
  };
}
