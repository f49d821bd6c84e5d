# Where the hosts of a fleet are, told once: /etc/hosts of every host has the others, and modules of the fleet look here.
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (lib) mkOption types;
  ip = import ./lib/ip.nix { inherit lib; };
  namedHost = import ./lib/named-host.nix { inherit config lib options; };

  # Addresses with the hosts at each; several may share one behind a router.
  entries =
    name:
    builtins.zipAttrsWith (_: hosts: hosts) (
      lib.concatLists (
        lib.mapAttrsToList (
          host:
          map (address: {
            ${address} = host;
          })
        ) (builtins.removeAttrs config.addresses [ name ])
      )
    );
in
{
  imports = [ ./hosts.nix ];

  options.addresses = mkOption {
    type = types.attrsOf (types.coercedTo types.str lib.singleton (types.listOf ip.types.ip));
    default = { };
    example = {
      web01 = "10.0.0.10";
      dns01 = [
        "10.0.0.53"
        "fd00::53"
      ];
    };
    description = ''
      The IP addresses of each host, the first one that others should try first: an address or a list.
      They are in `/etc/hosts` of all other hosts. They do not configure a host's network.
    '';
  };

  config = {
    assertions = map (host: namedHost [ "addresses" ] "addresses.${host}" host) (
      builtins.attrNames config.addresses
    );
    defaults = { name, ... }: { networking.hosts = entries name; };
  };
}
