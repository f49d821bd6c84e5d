# A binary cache of what is in this host's store: Harmonia, behind nginx with TLS.
{
  config,
  lib,
  options,
  ...
}:
let
  cfg = config.homelab.services.harmonia;
  inherit (lib) mkOption types;

  directory = "/var/lib/harmonia-signing-key";
  generated = cfg.signingKeyFile == null;
  keyFile = if generated then "${directory}/secret/key" else cfg.signingKeyFile;
  # Harmonia itself is for nginx alone.
  address = "127.0.0.1:5000";
  outsideOfStore = option: file: {
    assertion = file == null || !lib.hasPrefix "${builtins.storeDir}/" file;
    message = "homelab.services.harmonia.${option} is ${toString file}, in the store, which every user of this host can read. Name a file outside, such as /run/secrets/${option}.";
  };

  # The options of NixOS have had three forms.
  known = options.services.harmonia;
  keys =
    if known ? cache || known ? signKeyPaths then
      { signKeyPaths = [ keyFile ]; }
    else
      { signKeyPath = keyFile; };
  cache = keys // {
    enable = true;
    settings.bind = address;
  };
in
{
  options.homelab.services.harmonia = {
    enable = lib.mkEnableOption "a binary cache of what is in this host's store";
    domain = mkOption {
      type = types.strMatching "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?";
      example = "cache.example.org";
      description = "The name of the cache: hosts use `https://<domain>` as a substituter.";
    };
    signingKeyFile = mkOption {
      type = types.nullOr (types.strMatching "/.*");
      default = null;
      example = "/run/secrets/cache-signing-key";
      description = ''
        The file on this host with the secret key that signs what is served, `name:base64`. With null the
        host makes a key called `<domain>-1` when it has none; its public half is then in
        `${directory}/public-key` and in the journal of `harmonia-signing-key.service`.
      '';
    };
    publicKey = mkOption {
      type = types.nullOr (types.strMatching "[A-Za-z0-9._-]+:[A-Za-z0-9+/]{43}=");
      default = null;
      example = "cache.example.org-1:dR0fuNBWkTZIqGGT7ZRDv0G5G0eYrgLZ6RRyzdRS0bY=";
      description = ''
        The public half of the signing key, once it is known. Where the host makes the key, one that is another,
        as after a new installation, is then an error here, and not only on the hosts that refuse it.
      '';
    };
    acme = mkOption {
      type = types.bool;
      default = false;
      description = "Whether nginx gets its certificate by ACME, as `security.acme` says.";
    };
    sslCertificate = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/var/lib/certificates/cache.pem";
      description = "The certificate of the cache, where it does not come by ACME.";
    };
    sslCertificateKey = mkOption {
      type = types.nullOr (types.strMatching "/.*");
      default = null;
      example = "/run/secrets/cache-key.pem";
      description = "The file on this host with the secret key of `sslCertificate`.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether to open the ports 80 and 443.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.acme == (cfg.sslCertificate == null) && cfg.acme == (cfg.sslCertificateKey == null);
        message = "homelab.services.harmonia needs one certificate: either set acme, or both sslCertificate and sslCertificateKey.";
      }
      (outsideOfStore "signingKeyFile" cfg.signingKeyFile)
      (outsideOfStore "sslCertificateKey" cfg.sslCertificateKey)
    ];

    services.harmonia = if known ? cache then { inherit cache; } else cache;

    systemd.services = lib.mkIf generated {
      harmonia = {
        requires = [ "harmonia-signing-key.service" ];
        after = [ "harmonia-signing-key.service" ];
      };
      harmonia-signing-key = {
        description = "Signing key of the binary cache";
        wantedBy = [ "multi-user.target" ];
        path = [ config.nix.package ];
        environment.NIX_CONFIG = "extra-experimental-features = nix-command";
        script = ''
          umask 077
          cd ${directory}
          mkdir -p secret
          if ! [ -s secret/key ]; then
            nix key generate-secret --key-name ${lib.escapeShellArg "${cfg.domain}-1"} >secret/new
            mv secret/new secret/key
          fi
          nix key convert-secret-to-public <secret/key >secret/public
          chmod 0444 secret/public
          mv -f secret/public public-key
          echo "public key: $(cat public-key)"
        ''
        + lib.optionalString (cfg.publicKey != null) ''
          if [ "$(cat public-key)" != ${lib.escapeShellArg cfg.publicKey} ]; then
            echo ${lib.escapeShellArg "homelab.services.harmonia.publicKey is another one: ${cfg.publicKey}"} >&2
            exit 1
          fi
        '';
        serviceConfig = {
          Type = "oneshot";
          RemainAfterExit = true;
          StateDirectory = "harmonia-signing-key";
          CapabilityBoundingSet = "";
          NoNewPrivileges = true;
          PrivateNetwork = true;
          PrivateTmp = true;
          ProtectHome = true;
          ProtectSystem = "strict";
        };
      };
    };

    services.nginx = {
      enable = true;
      virtualHosts.${cfg.domain} = {
        forceSSL = true;
        enableACME = cfg.acme;
        locations."/" = {
          proxyPass = "http://${address}";
          # What is served may be larger than the disk has room for.
          extraConfig = "proxy_buffering off;";
        };
      }
      // lib.optionalAttrs (!cfg.acme) { inherit (cfg) sslCertificate sslCertificateKey; };
    };

    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall [
      80
      443
    ];
  };
}
