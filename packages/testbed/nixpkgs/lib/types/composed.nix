{
  lib,
  mkType,
  phrase,
  mergeEqual,
  ...
}:
let
  either =
    first: second:
    mkType {
      name = "either";
      description =
        if first.descriptionClass == "nonRestrictiveClause" then
          "${first.description}, or ${phrase [ "noun" "conjunction" ] second}"
        else
          "${phrase [ "noun" "conjunction" ] first} or ${phrase [ "noun" "conjunction" "composite" ] second}";
      descriptionClass = "conjunction";
      getSubOptions = loc: first.getSubOptions loc // second.getSubOptions loc;
      check = value: first.check value || second.check value;
      merge =
        loc: definitions:
        if builtins.all (definition: first.check definition.value) definitions then
          first.merge loc definitions
        else if builtins.all (definition: second.check definition.value) definitions then
          second.merge loc definitions
        else
          mergeEqual loc definitions;
    };
in
{
  inherit either;

  oneOf = types: builtins.foldl' either (builtins.head types) (builtins.tail types);

  nullOr =
    type:
    mkType {
      name = "nullOr";
      description = "null or ${phrase [ "noun" "conjunction" ] type}";
      descriptionClass = "conjunction";
      inherit (type) getSubOptions;
      check = value: value == null || type.check value;
      emptyValue.value = null;
      merge =
        loc: definitions:
        if builtins.any (definition: definition.value == null) definitions then
          mergeEqual loc definitions
        else
          type.merge loc definitions;
    };

  addCheck = type: holds: type // { check = value: type.check value && holds value; };

  coercedTo =
    from: convert: to:
    mkType {
      name = "coercedTo";
      description = "${phrase [ "noun" ] to} or ${phrase [ "noun" ] from} convertible to it";
      descriptionClass = null;
      inherit (to) getSubOptions;
      check = value: to.check value || (from.check value && to.check (convert value));
      merge =
        loc: definitions:
        to.merge loc (
          map (
            definition:
            if from.check definition.value then
              definition // { value = convert definition.value; }
            else
              definition
          ) definitions
        );
    };
}
