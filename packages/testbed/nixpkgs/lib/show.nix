# How values and option names appear in error messages.
lib: {
  showOption = lib.concatMapStringsSep "." (
    name:
    if builtins.match "[*]|<[^>]*>|[[:alpha:]_][[:alnum:]_'-]*" name != null then
      name
    else
      "\"${name}\""
  );

  showDefinitions = lib.concatMapStrings (
    definition: "\n- In `${toString definition.file}': ${lib.showValue 2 definition.value}"
  );

  # Values deeper than `depth` are left out: an error message is read by a person.
  showValue =
    depth: value:
    if builtins.isString value then
      builtins.toJSON (builtins.unsafeDiscardStringContext value)
    else if builtins.isFunction value then
      "<function>"
    else if lib.isDerivation value then
      "<derivation ${value.name or "?"}>"
    else if builtins.isList value then
      if value == [ ] then
        "[ ]"
      else if depth == 0 then
        "[ ... ]"
      else
        "[ ${lib.concatMapStringsSep " " (lib.showValue (depth - 1)) value} ]"
    else if builtins.isAttrs value then
      if value == { } then
        "{ }"
      else if depth == 0 then
        "{ ... }"
      else
        "{ ${
          lib.concatMapAttrsStringSep "" (name: field: "${name} = ${lib.showValue (depth - 1) field}; ") value
        }}"
    else if value == null then
      "null"
    else if builtins.isBool value then
      lib.boolToString value
    else
      toString value;
}
