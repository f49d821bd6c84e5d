# Virtual hosts that are reverse proxies with TLS, in nginx's own words; a test host has no nginx to read them.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.nginx;
  inherit (lib) mkOption types;

  flag =
    what:
    mkOption {
      type = types.bool;
      default = false;
      description = what;
    };
  text =
    type: what:
    mkOption {
      type = types.nullOr type;
      default = null;
      description = what;
    };
  lines = mkOption {
    type = types.lines;
    default = "";
    description = "Further lines of the block.";
  };

  location.options = {
    proxyPass = text types.str "Where requests are passed on to.";
    root = text types.path "The folder that is served.";
    extraConfig = lines;
  };
  virtualHost.options = {
    addSSL = flag "Whether to serve HTTPS besides HTTP.";
    onlySSL = flag "Whether to serve HTTPS alone.";
    forceSSL = flag "Whether to redirect HTTP to HTTPS.";
    enableACME = flag "Whether to get a certificate by ACME.";
    sslCertificate = mkOption {
      type = types.path;
      description = "The certificate.";
    };
    sslCertificateKey = mkOption {
      type = types.path;
      description = "The certificate's key.";
    };
    root = text types.path "The folder that is served.";
    locations = mkOption {
      type = types.attrsOf (types.submodule location);
      default = { };
      description = "What is served below paths.";
    };
    extraConfig = lines;
  };

  locationText =
    path: entry:
    "location ${path} {\n"
    + lib.optionalString (entry.proxyPass != null) "proxy_pass ${entry.proxyPass};\n"
    + lib.optionalString (entry.root != null) "root ${entry.root};\n"
    + entry.extraConfig
    + "\n}\n";
  certificateOf =
    name: host:
    if host.enableACME then
      {
        certificate = "/var/lib/acme/${name}/fullchain.pem";
        key = "/var/lib/acme/${name}/key.pem";
      }
    else
      {
        certificate = host.sslCertificate;
        key = host.sslCertificateKey;
      };
  serverText =
    name: host:
    let
      secure = host.addSSL || host.onlySSL || host.forceSSL;
      inherit (certificateOf name host) certificate key;
      body =
        lib.optionalString (host.root != null) "root ${host.root};\n"
        + lib.concatMapAttrsStringSep "" locationText host.locations
        + host.extraConfig;
    in
    lib.optionalString host.forceSSL "server {\nlisten 80;\nserver_name ${name};\nreturn 301 https://$host$request_uri;\n}\n"
    + "server {\nserver_name ${name};\n"
    + lib.optionalString (!host.forceSSL && !host.onlySSL) "listen 80;\n"
    + lib.optionalString secure "listen 443 ssl;\nssl_certificate ${certificate};\nssl_certificate_key ${key};\n"
    + body
    + "\n}\n";
in
{
  options.services.nginx = {
    enable = lib.mkEnableOption "Nginx Web Server";
    package = lib.mkPackageOption pkgs "nginx" { };
    virtualHosts = mkOption {
      type = types.attrsOf (types.submodule virtualHost);
      default = { };
      description = "Virtual hosts.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion =
          config.security.acme.acceptTerms
          || !lib.any (host: host.enableACME) (builtins.attrValues cfg.virtualHosts);
        message = "You must accept the CA's terms of service before using the ACME module by setting `security.acme.acceptTerms` to `true`.";
      }
    ];
    systemd.services.nginx = {
      description = "Nginx Web Server";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      stopIfChanged = false;
      serviceConfig = {
        ExecStart = "${lib.getExe cfg.package} -g 'daemon off;' -c ${
          pkgs.writeText "nginx.conf" (
            "events { }\nhttp {\n" + lib.concatMapAttrsStringSep "" serverText cfg.virtualHosts + "}\n"
          )
        }";
        Restart = "always";
      };
    };
  };
}
