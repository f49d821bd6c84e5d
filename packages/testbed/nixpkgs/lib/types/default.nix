# A type checks single definitions and merges those that hold:
# { name; description; check = value: bool; merge = loc: definitions: value; emptyValue?; }
# `descriptionClass` says whether other descriptions put it in parentheses, `getSubOptions` what references list.
lib:
let
  mkType =
    type:
    {
      _type = "option-type";
      description = type.name;
      descriptionClass = "noun";
      getSubOptions = _: { };
      check = _: true;
      merge = mergeEqual;
      emptyValue = { };
    }
    // type;

  # The description of a type within another one.
  phrase =
    classes: type:
    if builtins.elem type.descriptionClass classes then type.description else "(${type.description})";

  # Several definitions are welcome when they agree.
  mergeEqual =
    loc: definitions:
    let
      first = (builtins.head definitions).value;
    in
    if builtins.all (definition: definition.value == first) (builtins.tail definitions) then
      first
    else
      throw "The option `${lib.showOption loc}' has conflicting definition values:${lib.showDefinitions definitions}\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";

  mergeOne =
    loc: definitions:
    if builtins.length definitions == 1 then
      (builtins.head definitions).value
    else
      throw "The option `${lib.showOption loc}' is defined multiple times while it's expected to be unique.\nDefinition values:${lib.showDefinitions definitions}\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";

  parts = [
    ./basic.nix
    ./numbers.nix
    ./strings.nix
    ./collections.nix
    ./composed.nix
    ./submodule.nix
  ];
in
builtins.foldl' (
  types: part:
  types
  // import part {
    inherit
      lib
      mkType
      phrase
      mergeEqual
      mergeOne
      ;
  }
) { inherit mkType; } parts
