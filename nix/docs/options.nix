# What the modules' own declarations say of every option, for the reference.
{ nixpkgs, system }:
let
  inherit (nixpkgs) lib;

  documented =
    modules:
    let
      inherit
        (lib.evalModules {
          specialArgs.pkgs = nixpkgs.legacyPackages.${system};
          # Nothing declares here what the modules of a host define.
          modules = [ { _module.check = false; } ] ++ modules;
        })
        options
        ;
      shown = option: option.visible && !option.internal && !lib.elem "_module" option.loc;
    in
    map describe (lib.filter shown (lib.optionAttrSetToDocList options));

  describe = option: {
    inherit (option) name description type;
    default = option.default.text or null;
    example = option.example.text or null;
    declarations = map (
      file: lib.removePrefix "${toString ../..}/" (toString file)
    ) option.declarations;
  };
in
{
  host = documented [ ../modules ];
  fleet = documented [ ../fleet ];
}
