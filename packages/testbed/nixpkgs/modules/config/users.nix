{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.users;
  inherit (lib) escapeShellArgs mkOption types;
  options = import ./user-options.nix { inherit lib pkgs; };

  users = builtins.filter (user: user.enable) (builtins.attrValues cfg.users);
  groups = builtins.attrValues cfg.groups;

  # Not a store path: the shell must outlive garbage collection.
  shellOf =
    shell:
    if lib.isDerivation shell then
      "/run/current-system/sw/bin/${shell.meta.mainProgram}"
    else
      toString shell;
  groupsOf =
    user:
    lib.unique (
      user.extraGroups
      ++ map (group: group.name) (builtins.filter (group: builtins.elem user.name group.members) groups)
    );

  # Calls of the functions of update-users.sh; an empty word means: no opinion.
  wanted = pkgs.writeText "users" (
    lib.concatMapStrings (
      group:
      "group ${
        escapeShellArgs [
          group.name
          (toString group.gid)
        ]
      }\n"
    ) groups
    + lib.concatMapStrings (
      user:
      "user ${
        escapeShellArgs [
          user.name
          (toString user.uid)
          user.group
          (lib.concatStringsSep "," (groupsOf user))
          "${user.home}"
          (shellOf user.shell)
          (if user.createHome then "create" else "")
          (if user.hashedPassword == null then "" else user.hashedPassword)
          (if user.isNormalUser then "" else "--system")
          user.description
        ]
      }\n"
    ) users
  );
in
{
  options.users = {
    users = mkOption {
      type = types.attrsOf (types.submodule options.user);
      default = { };
      description = "Users.";
    };
    groups = mkOption {
      type = types.attrsOf (types.submodule options.group);
      default = { };
      description = "Groups.";
    };
    mutableUsers = mkOption {
      type = types.bool;
      default = true;
      description = "Whether users made by hand stay. Accepted; they always stay.";
    };
    defaultUserShell = mkOption {
      type = types.either types.package types.path;
      default = pkgs.bash;
      description = "The login shell of people. Accepted; it is always bash.";
    };
  };

  config = {
    users.users.root = {
      uid = 0;
      group = "root";
      home = "/root";
      shell = lib.mkDefault "/bin/bash";
    };
    users.groups = {
      root.gid = 0;
      wheel = { };
      users.gid = 100;
    };

    assertions = lib.concatMap (user: [
      {
        assertion = user.name == "root" || user.isSystemUser != user.isNormalUser;
        message = "Exactly one of users.users.${user.name}.isSystemUser and users.users.${user.name}.isNormalUser must be set.";
      }
      {
        assertion = user.group != "";
        message = "users.users.${user.name}.group is unset. This used to default to nogroup, but this is unsafe. For example you can create a group for this user with:\nusers.users.${user.name}.group = \"${user.name}\";\nusers.groups.${user.name} = {};";
      }
    ]) users;

    environment.systemPackages = builtins.filter lib.isDerivation (map (user: user.shell) users);

    system.activationScripts.users = {
      deps = [ "var" ];
      text = "/bin/sh ${./update-users.sh} ${wanted}";
    };
  };
}
