{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.nix;
  inherit (lib) mkOption types;

  atom = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.float
      types.str
      types.path
      types.package
    ]
  );
  strings =
    default: what:
    mkOption {
      type = types.listOf types.str;
      inherit default;
      description = what;
    };

  showAtom = value: if builtins.isBool value then lib.boolToString value else toString value;
  show =
    value: if builtins.isList value then lib.concatMapStringsSep " " showAtom value else showAtom value;
in
{
  options.nix = {
    enable = mkOption {
      type = types.bool;
      default = true;
      description = "Whether to enable Nix.";
    };
    package = lib.mkPackageOption pkgs "nix" { };
    extraOptions = mkOption {
      type = types.lines;
      default = "";
      description = "Further lines of nix.conf.";
    };
    gc.automatic = lib.mkEnableOption "the garbage collector at intervals (accepted; a test host has none)";
    settings = mkOption {
      type = types.submodule {
        freeformType = types.attrsOf (types.either atom (types.listOf atom));
        options = {
          allowed-users = strings [ "*" ] "Users that may connect to the daemon.";
          trusted-users = strings [ "root" ] "Users the daemon trusts.";
          trusted-public-keys = strings [ ] "Keys whose signatures count.";
          substituters = strings [ ] "Binary caches.";
          require-sigs = mkOption {
            type = types.bool;
            default = true;
            description = "Whether a path needs a signature to come into the store.";
          };
        };
      };
      default = { };
      description = "Settings of nix.conf.";
    };
  };

  config = lib.mkIf cfg.enable {
    nix.settings = {
      experimental-features = lib.mkDefault [
        "nix-command"
        "flakes"
      ];
      # Debian's Nix has no build users, and a container no sandbox.
      build-users-group = lib.mkDefault "";
      sandbox = lib.mkDefault false;
    };

    environment.etc."nix/nix.conf".text =
      lib.concatMapAttrsStringSep "" (name: value: "${name} = ${show value}\n") cfg.settings
      + cfg.extraOptions;

    systemd.sockets.nix-daemon = {
      description = "Nix Daemon Socket";
      wantedBy = [ "sockets.target" ];
      before = [ "multi-user.target" ];
      listenStreams = [ "/nix/var/nix/daemon-socket/socket" ];
    };
    systemd.services.nix-daemon = {
      description = "Nix Daemon";
      requires = [ "nix-daemon.socket" ];
      # A connection of the deployer that brought this configuration goes on.
      stopIfChanged = false;
      restartTriggers = [ config.environment.etc."nix/nix.conf".source ];
      serviceConfig = {
        ExecStart = "@/usr/bin/nix-daemon nix-daemon --daemon";
        KillMode = "process";
        LimitNOFILE = 1048576;
      };
    };
  };
}
