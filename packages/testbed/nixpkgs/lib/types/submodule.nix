{ lib, mkType, ... }:
let
  isModule = value: builtins.isAttrs value || builtins.isFunction value || builtins.isPath value;

  asModule = { file, value }: lib.setDefaultModuleLocation file value;
  # A plain set defines options only, so that an option may be called `options` or `imports`.
  asConfig =
    { file, value }@definition:
    if builtins.isAttrs value then
      {
        _file = file;
        config = value;
      }
    else
      asModule definition;
in
{
  submodule =
    module:
    lib.types.submoduleWith {
      modules = lib.toList module;
      shorthandOnlyDefinesConfig = true;
    };

  submoduleWith =
    {
      modules,
      specialArgs ? { },
      shorthandOnlyDefinesConfig ? false,
    }:
    let
      evaluated =
        prefix: name: modules:
        lib.evalModules {
          inherit prefix modules;
          specialArgs = {
            inherit name;
          }
          // specialArgs;
        };
    in
    mkType {
      name = "submodule";
      descriptionClass = null;
      check = isModule;
      emptyValue.value = { };
      getSubOptions = loc: (evaluated loc "‹name›" modules).options;
      merge =
        loc: definitions:
        (evaluated loc (lib.last loc) (
          modules ++ map (if shorthandOnlyDefinesConfig then asConfig else asModule) definitions
        )).config;
    };

  deferredModule = mkType {
    name = "deferredModule";
    description = "module";
    check = isModule;
    emptyValue.value = { };
    merge = loc: definitions: {
      imports = map (
        { file, value }:
        lib.setDefaultModuleLocation "${toString file}, via option ${lib.showOption loc}" value
      ) definitions;
    };
  };
}
