# One host: what homelab.deploy says, or else `deploy`, which another tool's definition says; and its toplevel.
_parts:
let
  # The defaults of the options in nix/modules/deploy.nix, for configurations that do not import them.
  absent = {
    targetHost = null;
    port = null;
    user = null;
    hostKey = null;
    connection.ssh = {
      host = null;
      port = null;
      user = null;
      hostKey = null;
      proxyJump = null;
      sudo = null;
    };
    tier = null;
    role = null;
    tags = [ ];
    goal = null;
    rollback = {
      confirmTimeout = null;
      activationTimeout = null;
      unhealthy = null;
      rescue = null;
    };
    healthChecks = [ ];
    reboot = null;
    rebootAt = null;
    rebootTimeout = null;
    buildOn = null;
  };

  over =
    own: other:
    builtins.mapAttrs (
      name: value:
      if !other ? ${name} then
        value
      else if builtins.isAttrs value && builtins.isAttrs other.${name} then
        over value other.${name}
      else if value == null || value == [ ] then
        other.${name}
      else
        value
    ) own;

  # Of an error Nix shows the outermost positions: they shall be the user's.
  withoutPositions = builtins.mapAttrs (_: value: value);
in
{
  configuration ? { },
  deploy ? { },
  toplevel ? configuration.config.system.build.toplevel,
  notes ? [ ],
}:
withoutPositions (
  over (absent // (configuration.config.homelab.deploy or { })) deploy // { inherit toplevel notes; }
)
