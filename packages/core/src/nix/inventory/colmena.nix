# A hive of colmena: https://colmena.cli.rs
parts:
let
  # What colmena.lib.makeHive gave.
  fromEvaluated = hive: {
    hosts = builtins.mapAttrs hostOf hive.nodes;
    notes = [ ];
  };

  hostOf =
    name: node:
    let
      inherit (node.config) deployment;
      targetHost = deployment.targetHost or name;
      keys = builtins.attrNames (deployment.keys or { });
    in
    parts.host {
      configuration = node;
      deploy = {
        inherit targetHost;
        port = deployment.targetPort or null;
        user = deployment.targetUser or null;
        tags = deployment.tags or [ ];
        buildOn = if deployment.buildOnTarget or false then "target" else null;
      };
      notes =
        (
          if keys == [ ] then
            [ ]
          else
            [
              "deployment.keys of ${name} are not brought to the host: ${builtins.concatStringsSep ", " keys}"
            ]
        )
        ++ (
          if targetHost == null then
            [
              "deployment.targetHost of ${name} is null, for colmena apply-local; here it is reached under its name"
            ]
          else
            [ ]
        );
    };

  fromHive =
    hive:
    let
      meta = hive.meta or hive.network or { };
      names = builtins.filter (name: !builtins.elem name reserved) (builtins.attrNames hive);
      reserved = [
        "defaults"
        "meta"
        "network"
      ];
      each =
        value:
        builtins.listToAttrs (
          map (name: {
            inherit name;
            value = value name;
          }) names
        );

      modulesOf = name: if builtins.isList hive.${name} then hive.${name} else [ hive.${name} ];
      evaluate =
        name: modules:
        let
          pkgs = packages (meta.nodeNixpkgs.${name} or meta.nixpkgs or <nixpkgs>);
        in
        import (pkgs.path + "/nixos/lib/eval-config.nix") {
          inherit (pkgs.stdenv.hostPlatform) system;
          modules = [
            (packagesModule pkgs)
            deploymentModule
            (hive.defaults or { })
          ]
          ++ modules;
          specialArgs = {
            inherit name;
            # What one node knows of another: its options need not be declared.
            nodes = each (other: evaluate other ([ { _module.check = false; } ] ++ modulesOf other));
          }
          // meta.specialArgs or { }
          // meta.nodeSpecialArgs.${name} or { };
        };
    in
    fromEvaluated { nodes = each (name: evaluate name (modulesOf name)); };

  # A path, the function in it, or the packages.
  packages =
    nixpkgs:
    if builtins.isFunction nixpkgs then
      nixpkgs { overlays = [ ]; }
    else if builtins.isPath nixpkgs || nixpkgs ? outPath then
      packages (import nixpkgs)
    else
      nixpkgs;

  packagesModule =
    pkgs:
    { lib, ... }:
    {
      _file = "meta.nixpkgs";
      nixpkgs.overlays = lib.mkBefore pkgs.overlays;
      nixpkgs.config = lib.mkBefore pkgs.config;
    };

  # Options that nothing here reads are welcome.
  deploymentModule =
    { lib, name, ... }:
    let
      option =
        type: default: description:
        lib.mkOption { inherit type default description; };
      inherit (lib) types;
      # Configurations read where a key will lie.
      key =
        { name, config, ... }:
        {
          freeformType = types.attrsOf types.anything;
          options = {
            name = option types.str name "The file name of the key.";
            destDir = option types.str "/run/keys" "The directory of the key.";
            path = option types.str "${config.destDir}/${config.name}" "The file of the key.";
          };
        };
    in
    {
      _file = "deployment";
      options.deployment = option (types.submodule {
        freeformType = types.attrsOf types.anything;
        options = {
          targetHost =
            option (types.nullOr types.str) name
              "The address at which the host is reached over SSH.";
          targetPort = option (types.nullOr types.port) null "The port of the host's SSH daemon.";
          targetUser = option (types.nullOr types.str) "root" "The user to log in as over SSH.";
          buildOnTarget = option types.bool false "Whether the host builds its own system.";
          tags = option (types.listOf types.str) [ ] "Words by which hosts are selected.";
          keys = option (types.attrsOf (types.submodule key)) { } "Secrets that colmena uploads.";
        };
      }) { } "How colmena deploys the host.";
    };
in
{
  inherit fromEvaluated fromHive;
}
