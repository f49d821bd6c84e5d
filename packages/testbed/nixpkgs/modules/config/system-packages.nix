{
  config,
  lib,
  pkgs,
  ...
}:
{
  options = {
    environment.systemPackages = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [ ];
      description = "Packages in /run/current-system/sw.";
    };
    environment.variables = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      default = { };
      description = "Environment variables of login shells. Accepted; a test host sets none.";
    };
    system.path = lib.mkOption {
      type = lib.types.package;
      internal = true;
      description = "The tree that /run/current-system/sw leads to.";
    };
  };

  config = {
    environment.systemPackages = [
      pkgs.bash
      pkgs.coreutils
      pkgs.nix
      config.systemd.package
      pkgs.util-linux
    ];
    system.path = pkgs.symlinkJoin {
      name = "system-path";
      paths = config.environment.systemPackages;
      postBuild = "mkdir -p $out/bin";
    };
  };
}
