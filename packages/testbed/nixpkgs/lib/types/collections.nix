{
  lib,
  mkType,
  phrase,
  ...
}:
let
  # The definitions of each element, and elements whose conditions do not hold left out.
  present = effective: effective != [ ];
  fieldsOf =
    definitions:
    builtins.zipAttrsWith (_: lib.id) (
      map (
        { file, value }:
        builtins.mapAttrs (_: field: {
          inherit file;
          value = field;
        }) value
      ) definitions
    );
  setOf = element: {
    description = "attribute set of ${phrase [ "noun" "composite" ] element}";
    descriptionClass = "composite";
    getSubOptions = loc: element.getSubOptions (loc ++ [ "<name>" ]);
    check = builtins.isAttrs;
    emptyValue.value = { };
  };
in
{
  listOf =
    element:
    mkType {
      name = "listOf";
      description = "list of ${phrase [ "noun" "composite" ] element}";
      descriptionClass = "composite";
      getSubOptions = loc: element.getSubOptions (loc ++ [ "*" ]);
      check = builtins.isList;
      emptyValue.value = [ ];
      merge =
        loc: definitions:
        builtins.concatMap (
          { file, value }:
          builtins.concatLists (
            lib.imap1 (
              index: item:
              let
                effective = lib.effectiveDefinitions [
                  {
                    inherit file;
                    value = item;
                  }
                ];
              in
              lib.optional (present effective) (
                lib.mergeEffective (loc ++ [ "[definition ${toString index}-entry]" ]) element effective
              )
            ) value
          )
        ) definitions;
    };

  nonEmptyListOf =
    element:
    lib.types.addCheck (lib.types.listOf element) (list: list != [ ])
    // {
      description = "non-empty (list of ${phrase [ "noun" "composite" ] element})";
      emptyValue = { };
    };

  attrsOf =
    element:
    mkType (
      setOf element
      // {
        name = "attrsOf";
        merge =
          loc: definitions:
          builtins.mapAttrs (name: lib.mergeEffective (loc ++ [ name ]) element) (
            lib.filterAttrs (_: present) (
              builtins.mapAttrs (_: lib.effectiveDefinitions) (fieldsOf definitions)
            )
          );
      }
    );

  # Its names do not depend on conditions: a field that is switched off is an error when it is read.
  lazyAttrsOf =
    element:
    mkType (
      setOf element
      // {
        name = "lazyAttrsOf";
        description = "lazy attribute set of ${phrase [ "noun" "composite" ] element}";
        merge =
          loc: definitions:
          builtins.mapAttrs (name: lib.mergeDefinitions (loc ++ [ name ]) element) (fieldsOf definitions);
      }
    );
}
