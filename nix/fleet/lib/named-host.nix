# namedHost [ "vpn" "networks" ] "vpn.networks.home.server.node" HOST: the assertion that the fleet has this host, which
# something inside the option of the first argument names.
{
  config,
  lib,
  options,
}:
path: what: host: {
  assertion = config.hosts ? ${host};
  message =
    "${what}: the fleet has no host ${host}. "
    + (
      if config.hosts == { } then
        "It has none at all."
      else
        "It has ${lib.concatStringsSep ", " (builtins.attrNames config.hosts)}."
    )
    + " Look at ${lib.concatStringsSep ", " (lib.unique (map toString (lib.getAttrFromPath path options).files))}.";
}
