{ lib, mkType, ... }:
let
  isNumber = value: builtins.isInt value || builtins.isFloat value;
  checked =
    base: description: holds:
    base
    // {
      inherit description;
      check = value: base.check value && holds value;
    };
  clause.descriptionClass = "nonRestrictiveClause";
  unsigned =
    bits: highest:
    checked int
      "${toString bits} bit unsigned integer; between 0 and ${toString highest} (both inclusive)"
      (value: value >= 0 && value <= highest);

  int = mkType {
    name = "int";
    description = "signed integer";
    check = builtins.isInt;
  };
in
{
  inherit int;

  ints = {
    positive = checked int "positive integer, meaning >0" (value: value > 0) // clause;
    unsigned = checked int "unsigned integer, meaning >=0" (value: value >= 0) // clause;
    between =
      lowest: highest:
      checked int "integer between ${toString lowest} and ${toString highest} (both inclusive)" (
        value: value >= lowest && value <= highest
      );
    u8 = unsigned 8 255;
    u16 = unsigned 16 65535;
    u32 = unsigned 32 4294967295;
  };
  port = unsigned 16 65535;

  float = mkType {
    name = "float";
    description = "floating point number";
    check = builtins.isFloat;
  };
  number = mkType {
    name = "number";
    description = "signed integer or floating point number";
    check = isNumber;
  };
}
