# Takes the boot counters off the entry of a boot that was good. systemd's own program for that needs EFI variables,
# which a container has none of; the unit is otherwise the same.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  counting = config.boot.loader.systemd-boot.bootCounting.enable;
  bless = pkgs.writeShellScript "bless-boot" ''
    set -eu
    loader=${config.boot.loader.efi.efiSysMountPoint}/loader
    file=$(cat "$loader/counted")
    good=''${file%+*}.conf
    [ ! -e "$loader/entries/$file" ] || mv "$loader/entries/$file" "$loader/entries/$good"
    sync -f "$loader"
    echo "Marked boot as 'good'. (Boot attempt counter is no longer in $good.)" >&2
  '';
in
{
  config.systemd.services.systemd-bless-boot = lib.mkIf counting {
    description = "Mark the Current Boot Loader Entry as Good";
    unitConfig = {
      DefaultDependencies = false;
      ConditionPathExists = "${config.boot.loader.efi.efiSysMountPoint}/loader/counted";
    };
    requires = [ "boot-complete.target" ];
    after = [
      "local-fs.target"
      "boot-complete.target"
    ];
    conflicts = [ "shutdown.target" ];
    before = [ "shutdown.target" ];
    wantedBy = [ "basic.target" ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "${bless}";
    };
  };
}
