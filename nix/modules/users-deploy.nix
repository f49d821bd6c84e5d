# A user who may deploy this host and do nothing else: docs/security.md says what its key can do, and what it cannot.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.homelab.users.deploy;
  inherit (lib) mkOption types;

  homelab-activate = import ../packages/homelab-activate.nix {
    inherit lib;
    inherit (pkgs) coreutils writeScriptBin writeText;
    inherit (cfg) trustedKeys;
  };
  # Not a path of the store: the login of today runs the guard of the system that was deployed last.
  installed = "/run/current-system/sw/bin/homelab-activate";

  restrictions = lib.optional cfg.forcedCommand ''command="${installed} gate"'';
  authorized = key: "${lib.concatStringsSep "," ([ "restrict" ] ++ restrictions)} ${key}";

  # Users who log in with a key of this one as well.
  blob = key: builtins.match "(.* )?(ssh-|ecdsa-|sk-)[^ ]* ([A-Za-z0-9+/=]+)( .*)?" key;
  blobs = map (key: builtins.elemAt (blob key) 2);
  opens =
    user:
    user.name != cfg.user
    && lib.any (key: blob key != null && lib.elem (builtins.elemAt (blob key) 2) (blobs cfg.keys)) (
      user.openssh.authorizedKeys.keys
    );
  others = map (user: user.name) (builtins.filter opens (builtins.attrValues config.users.users));

  allowed = config.nix.settings.allowed-users or [ "*" ];
  trusted = config.nix.settings.trusted-users or [ ];
in
{
  imports = [ ./deploy.nix ];

  options.homelab.users.deploy = {
    enable = lib.mkEnableOption ''
      a system user that may deploy this host and nothing else. Its deployments activate only
      systems that a key of `trustedKeys` has signed, and earlier generations of this host
    '';
    user = mkOption {
      type = types.strMatching "[a-z_][a-z0-9_-]{0,30}";
      default = "deploy";
      description = "The name of the user, and of its group.";
    };
    keys = mkOption {
      type = types.listOf (types.strMatching "(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+( [^\n]*)?");
      default = [ ];
      example = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X ci" ];
      description = "Public SSH keys that may deploy: that of CI, those of workstations. No options of sshd before them.";
    };
    trustedKeys = mkOption {
      type = types.listOf (types.strMatching "[A-Za-z0-9._-]+:[A-Za-z0-9+/]{43}=");
      default = [ ];
      example = [ "homelab-1:dR0fuNBWkTZIqGGT7ZRDv0G5G0eYrgLZ6RRyzdRS0bY=" ];
      description = ''
        Public keys that sign closures for this host, `name:base64`. They are added to
        `nix.settings.trusted-public-keys`. What a binary cache signs with another key may be part of
        a system, and is no system to activate.
      '';
    };
    forcedCommand = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether the keys can do nothing but deploy. Without it they open an ordinary shell of a user
        without rights, who may have things built like every user of this host.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.keys != [ ];
        message = "homelab.users.deploy.keys is empty: nobody could log in to deploy. Add the public SSH keys of CI and of workstations.";
      }
      {
        assertion = cfg.trustedKeys != [ ];
        message = "homelab.users.deploy.trustedKeys is empty: no system could be deployed. Add the public key that signs your closures.";
      }
      {
        assertion = cfg.user != "root";
        message = "homelab.users.deploy.user is root, who may do everything. Name a user of its own.";
      }
      {
        assertion = !lib.elem cfg.user trusted && !lib.elem "@${cfg.user}" trusted && !lib.elem "*" trusted;
        message = "nix.settings.trusted-users has ${cfg.user}, who could then put any path into the store and become root with it. Take it out: signed closures need no trusted user.";
      }
      {
        # Behind the forced command it is root's own Nix that listens.
        assertion =
          cfg.forcedCommand
          || lib.any (who: lib.elem who allowed) [
            "*"
            cfg.user
            "@${cfg.user}"
          ];
        message = "nix.settings.allowed-users keeps ${cfg.user} out, who could then copy nothing to this host. Add it, or leave homelab.users.deploy.forcedCommand on.";
      }
      {
        assertion = config.services.openssh.enable;
        message = "homelab.users.deploy needs services.openssh.enable: its user logs in over SSH.";
      }
      {
        assertion = config.security.sudo.enable;
        message = "homelab.users.deploy needs security.sudo.enable: the guard of a deployment runs as root.";
      }
    ];
    warnings = lib.optional (others != [ ]) (
      "A key of homelab.users.deploy.keys also logs in as ${lib.concatStringsSep ", " others}: "
      + "whoever holds it can do what these users can. Give deployments a key of their own."
    );

    environment.systemPackages = [ homelab-activate ];
    homelab.deploy.user = lib.mkDefault cfg.user;

    users.groups.${cfg.user} = { };
    users.users.${cfg.user} = {
      description = "Deployments of this host";
      isSystemUser = true;
      group = cfg.user;
      home = "/var/empty";
      createHome = false;
      # sshd runs the forced command with it. As sh it reads no file of anybody before the command.
      shell = "/bin/sh";
      # No password is right; an account that is locked altogether would let no key in.
      hashedPassword = "*";
      openssh.authorizedKeys.keys = map authorized cfg.keys;
    };

    security.sudo.extraRules = [
      {
        users = [ cfg.user ];
        runAs = "root";
        commands = [
          {
            command = installed;
            options = [ "NOPASSWD" ];
          }
        ];
      }
    ];

    nix.settings.trusted-public-keys = cfg.trustedKeys;
  };
}
