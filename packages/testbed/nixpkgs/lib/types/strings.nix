{ lib, mkType, ... }:
let
  joined =
    separator:
    mkType {
      name = "separatedString";
      description =
        if separator == "" then
          "Concatenated string"
        else
          "strings concatenated with ${builtins.toJSON separator}";
      check = builtins.isString;
      merge = _: lib.concatMapStringsSep separator (definition: definition.value);
    };

  str = mkType {
    name = "str";
    description = "string";
    check = builtins.isString;
  };
in
{
  inherit str;

  nonEmptyStr = str // {
    description = "non-empty string";
    check = value: builtins.isString value && lib.trim value != "";
  };
  singleLineStr = str // {
    description = "(optionally newline-terminated) single-line string";
    check = value: builtins.isString value && !lib.hasInfix "\n" (lib.removeSuffix "\n" value);
  };
  strMatching =
    pattern:
    str
    // {
      description = "string matching the pattern ${pattern}";
      check = value: builtins.isString value && builtins.match pattern value != null;
    };

  separatedString = joined;
  lines = joined "\n";
  commas = joined ",";
  envVar = joined ":";

  path = mkType {
    name = "path";
    description = "absolute path";
    check =
      value:
      builtins.isPath value
      || lib.isDerivation value
      || (builtins.isString value && builtins.substring 0 1 value == "/");
  };
}
