{ lib, ... }:
let
  fileSystem =
    { name, ... }:
    {
      options = {
        mountPoint = lib.mkOption {
          type = lib.types.str;
          default = name;
          description = "Where the file system is mounted.";
        };
        device = lib.mkOption {
          type = lib.types.nullOr lib.types.str;
          default = null;
          description = "The device, by path.";
        };
        label = lib.mkOption {
          type = lib.types.nullOr lib.types.str;
          default = null;
          description = "The device, by label.";
        };
        fsType = lib.mkOption {
          type = lib.types.str;
          default = "auto";
          description = "The type of the file system.";
        };
        options = lib.mkOption {
          type = lib.types.listOf lib.types.str;
          default = [ "defaults" ];
          description = "Mount options.";
        };
        neededForBoot = lib.mkOption {
          type = lib.types.bool;
          default = false;
          description = "Whether the initial ramdisk mounts it.";
        };
      };
    };
in
{
  options.fileSystems = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule fileSystem);
    default = { };
    description = "The file systems to mount. Accepted; a test host's root is an overlay.";
  };
}
