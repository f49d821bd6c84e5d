# Entries in systemd-boot's layout, read by the test host's own small boot loader.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.boot.loader;
in
{
  options.boot.loader = {
    systemd-boot = {
      enable = lib.mkEnableOption "the systemd-boot boot loader";
      configurationLimit = lib.mkOption {
        type = lib.types.nullOr lib.types.ints.positive;
        default = null;
        example = 20;
        description = "How many generations, the newest ones, have a boot entry; null means all.";
      };
    };
    grub = {
      enable = lib.mkOption {
        type = lib.types.bool;
        default = !cfg.systemd-boot.enable;
        description = "Whether to enable GRUB. A test host writes systemd-boot's entries all the same.";
      };
      device = lib.mkOption {
        type = lib.types.str;
        default = "";
        description = "The disk GRUB is installed on. Accepted; a test host has none.";
      };
      efiSupport = lib.mkEnableOption "GRUB for EFI";
    };
    efi = {
      canTouchEfiVariables = lib.mkEnableOption "changes to EFI variables";
      efiSysMountPoint = lib.mkOption {
        type = lib.types.str;
        default = "/boot";
        description = "Where the EFI system partition is mounted.";
      };
    };
    timeout = lib.mkOption {
      type = lib.types.nullOr lib.types.ints.unsigned;
      default = 5;
      description = "Seconds the boot menu waits.";
    };
  };

  config.system.build.installBootLoader = pkgs.writeScript "install-loader-entries" (
    builtins.replaceStrings
      [
        "@boot@"
        "@limit@"
        "@timeout@"
      ]
      [
        cfg.efi.efiSysMountPoint
        (toString cfg.systemd-boot.configurationLimit)
        (toString cfg.timeout)
      ]
      (builtins.readFile ./install-loader-entries.sh)
  );
}
