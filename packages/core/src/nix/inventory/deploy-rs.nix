# The nodes of deploy-rs: https://github.com/serokell/deploy-rs
parts:
{ deploy, configurations }:
let
  isSystem = node: node ? profiles.system;

  hostOf =
    name: node:
    let
      profile = node.profiles.system;
      # What a profile says wins over its node, and a node over all.
      settings = deploy // node // profile;
      configuration = configurations.${name} or { };
      others = builtins.attrNames (builtins.removeAttrs node.profiles [ "system" ]);
    in
    parts.host {
      inherit configuration;
      toplevel =
        if configuration ? config then
          configuration.config.system.build.toplevel
        else
          activated name profile.path;
      deploy = {
        targetHost = settings.hostname or null;
        user = settings.sshUser or null;
        port = portOf (settings.sshOpts or [ ]);
        buildOn = if settings.remoteBuild or false then "target" else null;
        rollback = {
          confirmTimeout = seconds (settings.confirmTimeout or null);
          activationTimeout = seconds (settings.activationTimeout or null);
          unhealthy = if settings.autoRollback or true then null else "warn";
        };
      };
      notes =
        if others == [ ] then
          [ ]
        else
          [ "deploy.nodes.${name}: of its profiles only system is deployed, and not ${join others}" ];
    };

  # A node may have another name than its configuration. What it activates is then known from the environment around it.
  activated =
    name: path:
    let
      system = builtins.match "activatable-(nixos-system-.*)" (path.name or "");
      text = if builtins.isString path.pkgs then path.pkgs else builtins.toJSON path.pkgs;
      found = parts.mentioned {
        inherit text;
        name = builtins.head system;
        inherit (path) system;
      };
    in
    if system == null || !path ? pkgs || found == null then
      throw "deploy.nodes.${name}: its profile system is not the activate.nixos of a NixOS configuration, and there is no nixosConfigurations.${name}"
    else
      found;

  seconds = number: if number == null then null else "${toString number}s";

  # -p 2222, -p2222, -o Port=2222
  portOf =
    options:
    let
      words = builtins.match ".*(-p|[Pp]ort[= ]) ?([0-9]+)( .*)?" (builtins.concatStringsSep " " options);
    in
    if words == null then null else builtins.fromJSON (builtins.elemAt words 1);

  join = builtins.concatStringsSep ", ";
  names = builtins.partition (name: isSystem deploy.nodes.${name}) (builtins.attrNames deploy.nodes);
in
{
  hosts = builtins.listToAttrs (
    map (name: {
      inherit name;
      value = hostOf name deploy.nodes.${name};
    }) names.right
  );
  notes = map (
    name:
    "deploy.nodes.${name} is left out: it has no profile called system, and only NixOS systems are deployed"
  ) names.wrong;
}
