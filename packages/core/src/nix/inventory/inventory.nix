# The hosts that a flake, or a plain Nix file, defines, and what is known of how to deploy them. `hosts`: those that are to
# be deployed. `find`: one of them, or another configuration of the flake. `notes`: what of the definitions has no effect.
# These files are the attributes of `parts`, named in parts.json: nix/lib imports them, and a deployment evaluates their text.
parts:
let
  fromConfigurations = configurations: {
    hosts = builtins.mapAttrs (_: configuration: parts.host { inherit configuration; }) configurations;
    notes = [ ];
  };

  # A flake that says what to deploy is believed; other configurations of it can be asked for by name.
  fromOutputs =
    outputs:
    let
      configurations = outputs.nixosConfigurations or { };
      found =
        if outputs ? deploy.nodes then
          parts.deploy-rs {
            inherit (outputs) deploy;
            inherit configurations;
          }
        else if outputs ? colmenaHive then
          parts.colmena.fromEvaluated outputs.colmenaHive
        else if outputs ? colmena then
          parts.colmena.fromHive outputs.colmena
        else if outputs ? nixosConfigurations then
          fromConfigurations configurations
        else if parts.cachix-deploy.specOf outputs != null then
          parts.cachix-deploy.fromSpec (parts.cachix-deploy.specOf outputs)
        else
          throw "the flake has no hosts: none of nixosConfigurations, deploy.nodes, colmenaHive, colmena, and no Cachix Deploy specification as its default package";
    in
    found // { find = find ((fromConfigurations configurations).hosts // found.hosts); };

  fromFile =
    file:
    let
      set = if builtins.isFunction file then file { } else file;
      isHive = set ? meta || set ? network || set ? defaults;
      found =
        if isHive then
          parts.colmena.fromHive set
        else if set ? agents || set.name or null == "cachix-deploy.json" then
          parts.cachix-deploy.fromSpec set
        else
          fromConfigurations set;
    in
    if set ? nixosConfigurations || set ? deploy.nodes || set ? colmenaHive || set ? colmena then
      fromOutputs set
    else
      found // { find = find found.hosts; };

  find = hosts: name: hosts.${name} or (throw "there is no host ${name}");
in
{
  inherit fromConfigurations fromOutputs fromFile;
  inherit (parts) deploy-rs colmena cachix-deploy;
}
