# The binary caches of the homelab, which every host asks before it asks others.
{ config, lib, ... }:
let
  cfg = config.homelab.nixCache;
  inherit (lib) mkOption types;

  # The cache of a host cannot give it what it does not have.
  served = config.homelab.services.harmonia or { enable = false; };
  isOwn =
    url:
    served.enable && builtins.match "https?://${lib.escapeRegex served.domain}([:/?].*)?" url != null;
in
{
  options.homelab.nixCache = {
    enable = lib.mkEnableOption "the binary caches of the homelab on this host";
    urls = mkOption {
      type = types.listOf (types.strMatching "(https?|s3|file|ssh|ssh-ng)://[^[:space:]]+");
      default = [ ];
      example = [ "https://cache.example.org" ];
      description = ''
        The caches. They are asked in the order of the priorities that they tell, and those of
        `nix.settings.substituters` as well. A host that is a cache itself does not ask itself.
      '';
    };
    publicKeys = mkOption {
      type = types.listOf (types.strMatching "[A-Za-z0-9._-]+:[A-Za-z0-9+/]{43}=");
      default = [ ];
      example = [ "cache.example.org-1:dR0fuNBWkTZIqGGT7ZRDv0G5G0eYrgLZ6RRyzdRS0bY=" ];
      description = "The public keys with which the caches sign, `name:base64`. What no trusted key has signed is refused.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.urls != [ ];
        message = "homelab.nixCache.urls is empty: there is no cache to ask. Add its URL, such as https://cache.example.org.";
      }
      {
        assertion = cfg.publicKeys != [ ];
        message = "homelab.nixCache.publicKeys is empty: everything that the caches have would be refused. Add the public key with which they sign.";
      }
    ];

    nix.settings = {
      substituters = builtins.filter (url: !isOwn url) cfg.urls;
      trusted-public-keys = cfg.publicKeys;

      # A cache that does not answer costs seconds, once a minute, and not the build or the deployment. Without
      # `fallback` Nix gives up for good; and by default it waits for the kernel to give up a connection, five times.
      fallback = lib.mkDefault true;
      connect-timeout = lib.mkDefault 5;
      download-attempts = lib.mkDefault 2;
      stalled-download-timeout = lib.mkDefault 30;
    };
  };
}
