# Accepted; a test host asks nobody for certificates.
{ lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  options.security.acme = {
    acceptTerms = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the terms of the certificate authority are accepted.";
    };
    defaults.email = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "The address that the certificate authority writes to.";
    };
  };
}
