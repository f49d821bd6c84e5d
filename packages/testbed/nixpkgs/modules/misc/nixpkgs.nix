{ config, lib, ... }:
let
  platform = config.nixpkgs.hostPlatform;
in
{
  options.nixpkgs = {
    hostPlatform = lib.mkOption {
      type = lib.types.either lib.types.str lib.types.attrs;
      example = "x86_64-linux";
      description = "The platform the system runs on.";
    };
    config = lib.mkOption {
      type = lib.types.attrs;
      default = { };
      description = "Accepted for compatibility: the stand-in packages know no configuration.";
    };
    overlays = lib.mkOption {
      type = lib.types.listOf lib.types.raw;
      default = [ ];
      description = "Changes of the packages, one after another.";
    };
  };

  config._module.args.pkgs = lib.mkDefault (
    import ../../pkgs {
      inherit lib;
      inherit (config.nixpkgs) overlays config;
      system = if builtins.isString platform then platform else platform.system;
    }
  );
}
