{
  lib,
  mkType,
  phrase,
  mergeEqual,
  mergeOne,
}:
{
  bool = mkType {
    name = "bool";
    description = "boolean";
    check = builtins.isBool;
  };

  raw = mkType {
    name = "raw";
    description = "raw value";
    merge = mergeOne;
  };

  # Sets merge field by field; everything else must agree.
  anything = mkType {
    name = "anything";
    merge =
      loc: definitions:
      let
        isSet = definition: builtins.isAttrs definition.value && !lib.isDerivation definition.value;
      in
      if builtins.all isSet definitions then
        (lib.types.lazyAttrsOf lib.types.anything).merge loc definitions
      else if builtins.length definitions == 1 then
        (builtins.head definitions).value
      else
        mergeEqual loc definitions;
  };
  unspecified = lib.types.anything // {
    name = "unspecified";
    description = "unspecified value";
  };

  attrs = mkType {
    name = "attrs";
    description = "attribute set";
    descriptionClass = null;
    check = builtins.isAttrs;
    merge = _: builtins.foldl' (all: definition: all // definition.value) { };
    emptyValue.value = { };
  };

  enum =
    values:
    mkType {
      name = "enum";
      description =
        if builtins.length values == 1 then
          "value ${lib.showValue 1 (builtins.head values)} (singular enum)"
        else
          "one of ${lib.concatMapStringsSep ", " (lib.showValue 1) values}";
      descriptionClass = if builtins.length values < 2 then "noun" else "conjunction";
      check = value: builtins.elem value values;
    };

  package = mkType {
    name = "package";
    check =
      value: lib.isDerivation value || (builtins.isString value && lib.hasPrefix builtins.storeDir value);
    merge = mergeOne;
  };

  functionTo =
    type:
    mkType {
      name = "functionTo";
      description = "function that evaluates to a(n) ${phrase [ "noun" "composite" ] type}";
      descriptionClass = "composite";
      getSubOptions = loc: type.getSubOptions (loc ++ [ "<function body>" ]);
      check = builtins.isFunction;
      merge =
        loc: definitions: argument:
        lib.mergeDefinitions loc type (
          map (definition: definition // { value = definition.value argument; }) definitions
        );
    };
}
