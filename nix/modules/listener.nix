# The agent of a host: takes requests to deploy from NATS, and has this host build and activate what they name.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.homelab-deploy.listener;
  inherit (lib) mkOption types;

  flag = name: value: [
    "--${name}"
    (toString value)
  ];
  flags =
    flag "hostname" cfg.hostname
    ++ flag "tier" cfg.tier
    ++ flag "nats-url" cfg.natsUrl
    ++ flag "flake-url" cfg.flakeUrl
    ++ lib.optionals (cfg.role != null) (flag "role" cfg.role)
    ++ lib.optionals (cfg.tlsCaFile != null) (flag "tls-ca-file" "${cfg.tlsCaFile}")
    ++ lib.concatMap (flag "trusted-key") cfg.trustedKeys
    ++ flag "timeout" cfg.timeout
    ++ lib.concatMap (flag "deploy-subject") cfg.deploySubjects
    ++ flag "discover-subject" cfg.discoverSubject;
  # What it logs in with: an NKey seed, or a credentials file.
  secret = if cfg.nkeyFile != null then "nkey" else "credentials";
  secretFile = if cfg.nkeyFile != null then cfg.nkeyFile else cfg.credentialsFile;
in
{
  options.services.homelab-deploy.listener = {
    enable = lib.mkEnableOption "the listener, which deploys this host when a request arrives over NATS";
    package = mkOption {
      type = types.package;
      default = pkgs.homelab-deploy or (pkgs.callPackage ../packages/homelab-deploy.nix { });
      defaultText = lib.literalExpression "pkgs.homelab-deploy";
      description = "The package with the command `homelab-deploy`.";
    };
    hostname = mkOption {
      type = types.str;
      default = config.networking.hostName;
      defaultText = lib.literalExpression "config.networking.hostName";
      description = "The name of this host in subjects: what `<hostname>` stands for.";
    };
    tier = mkOption {
      # The tiers that version 0 of the protocol knows.
      type = types.enum [
        "test"
        "prod"
      ];
      example = "prod";
      description = "The tier of this host in subjects: what `<tier>` stands for.";
    };
    role = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "dns";
      description = ''
        The role of this host in subjects: what `<role>` stands for. Without one, subjects that name it are
        left out.
      '';
    };
    natsUrl = mkOption {
      type = types.str;
      example = "nats://nats.example.com:4222";
      description = "The URL of the NATS server; of the servers of a cluster, with commas between them.";
    };
    nkeyFile = mkOption {
      type = types.nullOr (types.strMatching "/.*");
      default = null;
      example = "/run/secrets/homelab-deploy-nkey";
      description = ''
        The file on this host that holds the NKey seed to log in with. Root must be able to read it; it
        is never put into the store.
      '';
    };
    credentialsFile = mkOption {
      type = types.nullOr (types.strMatching "/.*");
      default = null;
      example = "/run/secrets/homelab-deploy.creds";
      description = ''
        The credentials file on this host to log in with in the place of an NKey, for servers that know
        users by JWT. It is never put into the store.
      '';
    };
    tlsCaFile = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = lib.literalExpression "./nats-ca.crt";
      description = "The file with the certificates that sign the server's. Without one, public authorities do.";
    };
    trustedKeys = mkOption {
      type = types.listOf (types.strMatching "U[A-Z2-7]{55}");
      default = [ ];
      example = [ "UAVFZUM7VX3XTHYV456SAADTCINTILFKYE6J7P3NNEKLUHFCAEQKINTP" ];
      description = ''
        The public NKeys of those whose requests are carried out; requests that none of them has signed are
        refused. When the list is empty, the server alone decides who may ask.
      '';
    };
    flakeUrl = mkOption {
      type = types.str;
      example = "git+https://git.example.com/user/nixos-configs.git";
      description = "The flake with this host's configuration, of which a request names a revision.";
    };
    timeout = mkOption {
      type = types.ints.positive;
      default = 600;
      description = "How many seconds a deployment may take.";
    };
    deploySubjects = mkOption {
      type = types.listOf types.str;
      default = [
        "deploy.<tier>.<hostname>"
        "deploy.<tier>.all"
        "deploy.<tier>.role.<role>"
      ];
      description = "The subjects on which requests to deploy are taken.";
    };
    discoverSubject = mkOption {
      type = types.str;
      default = "deploy.discover";
      description = "The subject on which the listener tells of itself.";
    };
    environment = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example.HTTPS_PROXY = "http://proxy.example.com:3128";
      description = "Further environment variables of the listener.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = (cfg.nkeyFile != null) != (cfg.credentialsFile != null);
        message = "services.homelab-deploy.listener logs in with either an nkeyFile or a credentialsFile: set one of them.";
      }
      {
        assertion = secretFile == null || !lib.hasPrefix "${builtins.storeDir}/" secretFile;
        message = "services.homelab-deploy.listener.${secret}File is ${toString secretFile}, in the store, which every user of this host can read. Name a file outside, such as /run/secrets/homelab-deploy-${secret}.";
      }
    ];

    systemd.services.homelab-deploy-listener = {
      description = "Deployments over NATS";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      # The listener that brings a new configuration must not be ended by it. It restarts by itself afterwards.
      restartIfChanged = false;
      # For ever: a host without a listener is one that nobody can repair over NATS.
      startLimitIntervalSec = 0;
      # Nix keeps what it has fetched and evaluated there.
      environment = {
        HOME = "/var/cache/homelab-deploy-listener";
      }
      // cfg.environment;
      # sh, nix, systemd-run: of the system that runs.
      path = [
        "/run/current-system/sw"
        pkgs.gitMinimal
      ];
      script = ''
        exec ${cfg.package}/bin/homelab-deploy listener --${secret}-file "$CREDENTIALS_DIRECTORY/${secret}" \
          ${lib.escapeShellArgs flags}
      '';
      # It builds and activates nothing by itself: systemd does, in transient units, for whoever is root on the bus. So
      # it keeps root's number, and none of root's abilities.
      serviceConfig = {
        LoadCredential = "${secret}:${toString secretFile}";
        Restart = "always";
        RestartSec = 1;
        StateDirectory = "homelab-deploy/listener";
        StateDirectoryMode = "0700";
        CacheDirectory = "homelab-deploy-listener";
        CacheDirectoryMode = "0700";

        CapabilityBoundingSet = "";
        NoNewPrivileges = true;
        UMask = "0077";
        ProtectSystem = "strict";
        ProtectHome = true;
        PrivateTmp = true;
        PrivateDevices = true;
        DevicePolicy = "closed";
        ProtectClock = true;
        ProtectControlGroups = true;
        ProtectHostname = true;
        ProtectKernelLogs = true;
        ProtectKernelModules = true;
        ProtectKernelTunables = true;
        ProtectProc = "invisible";
        LockPersonality = true;
        RemoveIPC = true;
        RestrictAddressFamilies = [
          "AF_INET"
          "AF_INET6"
          "AF_UNIX"
        ];
        RestrictNamespaces = true;
        RestrictRealtime = true;
        RestrictSUIDSGID = true;
        SystemCallArchitectures = "native";
        SystemCallErrorNumber = "EPERM";
        SystemCallFilter = [
          "@system-service"
          "~@privileged @resources"
        ];
      };
    };
  };
}
