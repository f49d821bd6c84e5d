# The specification of Cachix Deploy: https://docs.cachix.org/deploy
parts:
let
  isFile = value: value.name or null == "cachix-deploy.json";

  # As its documentation has it: the default package of a flake.
  specOf =
    outputs:
    let
      candidates = builtins.concatMap (system: [
        (outputs.packages.${system}.default or null)
        (outputs.defaultPackage.${system} or null)
      ]) systems;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      found = builtins.filter isFile candidates;
    in
    if found == [ ] then null else builtins.head found;

  # What cachix-deploy-lib.spec takes, or the file that it makes.
  fromSpec =
    spec:
    let
      agents = if isFile spec then agentsIn spec else spec.agents;
    in
    {
      hosts = builtins.mapAttrs (name: system: parts.host { toplevel = toplevelOf name system; }) agents;
      notes = [ ];
    };

  agentsIn =
    file:
    let
      content = builtins.fromJSON (builtins.unsafeDiscardStringContext file.text);
      toplevel =
        path:
        parts.mentioned {
          name = builtins.substring 33 (-1) (baseNameOf path);
          text = builtins.appendContext path (builtins.getContext file.text);
          inherit (file) system;
        };
    in
    builtins.mapAttrs (_: path: if toplevel path == null then path else toplevel path) content.agents;

  toplevelOf =
    name: system:
    if system ? drvPath then
      system
    else
      throw "the agent ${name} is ${system}, and how it is built is not known: give the flake or the Nix file that makes the specification, and each system a host name of its own";
in
{
  inherit specOf fromSpec;
}
