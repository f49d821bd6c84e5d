# Files in the layout of systemd-boot or GRUB, read by the test host's own small boot loader.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.boot.loader;

  installer =
    name: script: values:
    pkgs.writeScript name (
      builtins.replaceStrings (map (key: "@${key}@") (builtins.attrNames values)) (map toString (
        builtins.attrValues values
      )) (builtins.readFile script)
    );
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
      bootCounting = {
        enable = lib.mkEnableOption "a number of tries for each new boot entry, after which it is taken last";
        tries = lib.mkOption {
          type = lib.types.ints.positive;
          default = 3;
          description = "How often a new entry is booted at most while no boot of it was good.";
        };
      };
      entryNames = lib.mkOption {
        type = lib.types.enum [
          "generation"
          "content"
        ];
        default = "generation";
        internal = true;
        description = "What entry files are named after. NixOS took the generation until 26.05 and takes a hash of the content since.";
      };
    };
    grub = {
      enable = lib.mkOption {
        type = lib.types.bool;
        default = !cfg.systemd-boot.enable;
        description = "Whether to enable GRUB.";
      };
      device = lib.mkOption {
        type = lib.types.str;
        default = "";
        description = "The disk GRUB is installed on. Accepted; a test host has none.";
      };
      efiSupport = lib.mkEnableOption "GRUB for EFI";
      configurationLimit = lib.mkOption {
        type = lib.types.ints.positive;
        default = 100;
        description = "How many generations, the newest ones, are in the menu.";
      };
      default = lib.mkOption {
        type = lib.types.either lib.types.int lib.types.str;
        default = "0";
        description = "The menu entry that is booted, counted from 0, or `saved` for the last one chosen.";
      };
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

  config = {
    system.build.installBootLoader =
      if cfg.grub.enable then
        installer "install-grub" ./install-grub.sh {
          inherit (cfg) timeout;
          limit = cfg.grub.configurationLimit;
          default = if cfg.grub.default == "saved" then "\"\${saved_entry}\"" else cfg.grub.default;
        }
      else
        installer "install-systemd-boot" ./install-systemd-boot.sh {
          inherit (cfg) timeout;
          boot = cfg.efi.efiSysMountPoint;
          limit = cfg.systemd-boot.configurationLimit;
          names = cfg.systemd-boot.entryNames;
          tries = lib.optionalString cfg.systemd-boot.bootCounting.enable (
            toString cfg.systemd-boot.bootCounting.tries
          );
        };

    environment.systemPackages = lib.mkIf cfg.grub.enable [ pkgs.grub2 ];
  };
}
