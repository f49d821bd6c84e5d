{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.system;

  failed = map (check: check.message) (builtins.filter (check: !check.assertion) config.assertions);
  checked =
    value:
    if failed != [ ] then
      throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}"
    else
      builtins.foldl' (result: message: lib.warn message result) value config.warnings;

  switch =
    lib.concatMapStrings (part: builtins.readFile part + "\n") [
      ./switch-to-configuration/main.sh
      ./switch-to-configuration/compare-units.sh
      ./switch-to-configuration/change-units.sh
      ./switch-to-configuration/lists.sh
    ]
    + "main\n";

  toplevel =
    pkgs.runCommand "nixos-system-${cfg.name}-${cfg.nixos.label}"
      {
        inherit switch;
        inherit (cfg.build) activate dryActivate;
        init = builtins.readFile ./init.sh;
        passAsFile = [
          "activate"
          "dryActivate"
          "init"
          "switch"
        ];
        inherit (cfg.build)
          etc
          initialRamdisk
          installBootLoader
          kernel
          modulesTree
          preSwitchChecks
          ;
        sw = cfg.path;
        systemd = config.systemd.package;
        inherit (cfg) initInterfaceVersion;
        kernelParams = config.boot.kernelParams;
        nixosVersion = cfg.nixos.label;
        platform = pkgs.system;
      }
      ''
        install_script() {
          sed -e "s|@out@|$out|g" -e "s|@installBootLoader@|$installBootLoader|g" \
            -e "s|@preSwitchChecks@|$preSwitchChecks|g" "$1" >"$2"
          chmod 0555 "$2"
        }

        mkdir -p "$out/bin"
        install_script "$activatePath" "$out/activate"
        install_script "$dryActivatePath" "$out/dry-activate"
        install_script "$initPath" "$out/init"
        install_script "$switchPath" "$out/bin/switch-to-configuration"

        ln -s "$etc/etc" "$out/etc"
        ln -s "$sw" "$out/sw"
        ln -s "$kernel/bzImage" "$out/kernel"
        ln -s "$modulesTree" "$out/kernel-modules"
        ln -s "$initialRamdisk/initrd" "$out/initrd"
        ln -s "$systemd" "$out/systemd"
        printf %s "$kernelParams" >"$out/kernel-params"
        printf %s "$nixosVersion" >"$out/nixos-version"
        printf %s "$platform" >"$out/system"
        printf %s "$initInterfaceVersion" >"$out/init-interface-version"
      '';
in
{
  options.system = {
    build = lib.mkOption {
      type = lib.types.lazyAttrsOf lib.types.raw;
      default = { };
      description = "What the configuration can be built into.";
    };
    initInterfaceVersion = lib.mkOption {
      type = lib.types.str;
      default = "systemd 2";
      internal = true;
      description = "Systems that differ in this cannot be switched between without a reboot. NixOS has it fixed.";
    };
  };

  config.system.build.toplevel = checked toplevel;
}
