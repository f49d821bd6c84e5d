# Values as Nix text.
lib: {
  generators.toPretty =
    {
      multiline ? true,
      ...
    }:
    let
      go =
        indent: value:
        let
          before = if multiline then "\n${indent}  " else " ";
          after = if multiline then "\n${indent}" else " ";
          within = go (indent + "  ");
          lines = lib.splitString "\n" value;
        in
        if builtins.isString value then
          if multiline && builtins.length lines > 1 then
            "''${before}${
              builtins.concatStringsSep before (
                map (builtins.replaceStrings [ "\${" "''" ] [ "''\${" "'''" ]) (lib.init lines)
              )
            }${
              if lib.last lines == "" then
                after
              else
                before + builtins.replaceStrings [ "\${" "''" ] [ "''\${" "'''" ] (lib.last lines)
            }''"
          else
            "\"${
              lib.concatMapStringsSep "\\n" (lib.escape [
                "\\"
                "\""
                "\${"
              ]) lines
            }\""
        else if builtins.isFloat value then
          builtins.toJSON value
        else if builtins.isBool value then
          lib.boolToString value
        else if value == null then
          "null"
        else if value == [ ] then
          "[ ]"
        else if builtins.isList value then
          "[${before}${lib.concatMapStringsSep before within value}${after}]"
        else if builtins.isFunction value then
          "<function>"
        else if lib.isDerivation value then
          "<derivation ${value.name or "???"}>"
        else if value == { } then
          "{ }"
        else if builtins.isAttrs value then
          "{${before}${
            lib.concatMapAttrsStringSep before (
              name: field: "${lib.escapeNixIdentifier name} = ${within field};"
            ) value
          }${after}}"
        else
          toString value;
    in
    go "";
}
