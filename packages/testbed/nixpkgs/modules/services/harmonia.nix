# As in NixOS 25.05, but for the program: a test host has none.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.harmonia;
  inherit (lib) mkOption types;

  credentials = lib.imap0 (index: path: {
    id = "sign-key-${toString index}";
    inherit path;
  }) cfg.signKeyPaths;
in
{
  options.services.harmonia = {
    enable = lib.mkEnableOption "Harmonia";
    package = lib.mkPackageOption pkgs "harmonia" { };
    signKeyPaths = mkOption {
      type = types.listOf types.path;
      default = [ ];
      description = "Files with the keys that sign what is served.";
    };
    settings = mkOption {
      type = types.attrsOf types.anything;
      default = { };
      description = "Settings of harmonia.toml.";
    };
  };

  config = lib.mkIf cfg.enable {
    services.harmonia.settings = builtins.mapAttrs (_: lib.mkDefault) {
      bind = "[::]:5000";
      workers = 4;
      max_connection_rate = 256;
      priority = 50;
    };
    users.groups.harmonia = { };
    users.users.harmonia = {
      isSystemUser = true;
      group = "harmonia";
    };
    systemd.services.harmonia = {
      description = "harmonia binary cache service";
      requires = [ "nix-daemon.socket" ];
      after = [ "network.target" ];
      wantedBy = [ "multi-user.target" ];
      environment = {
        # JSON of these settings is TOML but for its colons.
        CONFIG_FILE = pkgs.writeText "harmonia.toml" (
          lib.concatMapAttrsStringSep "" (name: value: "${name} = ${builtins.toJSON value}\n") cfg.settings
        );
        SIGN_KEY_PATHS = lib.concatMapStringsSep " " (credential: "%d/${credential.id}") credentials;
      };
      serviceConfig = {
        ExecStart = lib.getExe cfg.package;
        User = "harmonia";
        Group = "harmonia";
        RuntimeDirectory = "harmonia";
        LoadCredential = map (credential: "${credential.id}:${credential.path}") credentials;
      };
    };
  };
}
