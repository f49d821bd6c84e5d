{ config, lib, ... }:
{
  options.system = {
    stateVersion = lib.mkOption {
      type = lib.types.str;
      default = lib.trivial.release;
      description = "The release whose defaults of stateful data this host keeps.";
    };
    nixos = {
      release = lib.mkOption {
        type = lib.types.str;
        default = lib.trivial.release;
        description = "The NixOS release.";
      };
      version = lib.mkOption {
        type = lib.types.str;
        default = lib.version;
        description = "The full NixOS version.";
      };
      label = lib.mkOption {
        type = lib.types.strMatching "[a-zA-Z0-9:_.-]*";
        default = config.system.nixos.version;
        description = "Part of the toplevel's name and of the boot entry's title.";
      };
    };
    name = lib.mkOption {
      type = lib.types.str;
      default = if config.networking.hostName == "" then "unnamed" else config.networking.hostName;
      description = "The system's name in its store path.";
    };
  };
}
