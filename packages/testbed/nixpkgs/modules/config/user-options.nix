# Options of one user and of one group, named as in NixOS.
{ lib, pkgs }:
let
  inherit (lib) mkOption types;
  text =
    default: what:
    mkOption {
      type = types.str;
      inherit default;
      description = what;
    };
  maybe =
    type: what:
    mkOption {
      type = types.nullOr type;
      default = null;
      description = what;
    };
  flag =
    default: what:
    mkOption {
      type = types.bool;
      inherit default;
      description = what;
    };
in
{
  user =
    { name, config, ... }:
    {
      options = {
        enable = flag true "Whether the user exists.";
        name = text name "The name of the user.";
        description = text "" "The full name of the user.";
        uid = maybe types.int "The number of the user; null takes a free one.";
        isSystemUser = flag false "Whether it is an account of the system.";
        isNormalUser = flag false "Whether it is an account of a person.";
        group = text "" "The primary group.";
        extraGroups = mkOption {
          type = types.listOf types.str;
          default = [ ];
          description = "Further groups.";
        };
        home = mkOption {
          type = types.path;
          default = "/var/empty";
          description = "The home folder.";
        };
        createHome = flag false "Whether the home folder is made.";
        shell = mkOption {
          type = types.either types.package types.path;
          default = "/usr/sbin/nologin";
          description = "The login shell.";
        };
        useDefaultShell = flag false "Whether the login shell is bash.";
        linger = flag false "Whether the user's services run without a login. Accepted; has no effect.";
        hashedPassword = maybe types.str "The hash of the password.";
        hashedPasswordFile = maybe types.str "A file with the hash of the password. Accepted; has no effect.";
        initialHashedPassword = maybe types.str "The hash of the first password. Accepted; has no effect.";
        initialPassword = maybe types.str "The first password. Accepted; has no effect.";
        packages = mkOption {
          type = types.listOf types.package;
          default = [ ];
          description = "Packages of the user. Accepted; has no effect.";
        };
        openssh.authorizedKeys = {
          keys = mkOption {
            type = types.listOf types.singleLineStr;
            default = [ ];
            description = "Public keys that may log in.";
          };
          keyFiles = mkOption {
            type = types.listOf types.path;
            default = [ ];
            description = "Files of public keys that may log in.";
          };
        };
      };

      config = lib.mkMerge [
        (lib.mkIf config.isNormalUser {
          group = lib.mkDefault "users";
          home = lib.mkDefault "/home/${config.name}";
          createHome = lib.mkDefault true;
          useDefaultShell = lib.mkDefault true;
        })
        (lib.mkIf config.useDefaultShell { shell = lib.mkDefault pkgs.bash; })
        {
          openssh.authorizedKeys.keys = map (
            file: lib.removeSuffix "\n" (builtins.readFile file)
          ) config.openssh.authorizedKeys.keyFiles;
        }
      ];
    };

  group =
    { name, ... }:
    {
      options = {
        name = text name "The name of the group.";
        gid = maybe types.int "The number of the group; null takes a free one.";
        members = mkOption {
          type = types.listOf types.str;
          default = [ ];
          description = "Members besides those whose extraGroups name it.";
        };
      };
    };
}
