# The hosts of a fleet, each a NixOS module. Modules of the fleet add to them through `defaults`, whose argument `name`
# says which host it is: so a host costs nothing when another one is evaluated, and nobody makes a host by mistake.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  options = {
    hosts = mkOption {
      type = types.attrsOf types.deferredModule;
      default = { };
      example = lib.literalExpression "{ web01 = ./hosts/web01.nix; }";
      description = ''
        The NixOS configuration of each host. Several definitions for one host add up. Beside the arguments
        of every NixOS module there are `name`, the name of the host here, and `fleet`, the configuration
        of the fleet.
      '';
    };
    defaults = mkOption {
      type = types.deferredModule;
      default = { };
      example = lib.literalExpression ''{ nixpkgs.hostPlatform = "x86_64-linux"; }'';
      description = "NixOS configuration of every host.";
    };
    assertions = mkOption {
      type = types.listOf types.unspecified;
      default = [ ];
      example = [
        {
          assertion = false;
          message = "addresses.web01 is missing.";
        }
      ];
      description = "What must hold in this fleet, or none of its hosts evaluates. As `assertions` of NixOS.";
    };
  };

  config.defaults =
    { name, ... }:
    {
      networking.hostName = lib.mkDefault name;
      inherit (config) assertions;
    };
}
