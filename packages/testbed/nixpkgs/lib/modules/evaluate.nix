# From modules to `config` and `options`.
lib:
let
  # Conditions and priorities around a set move to its fields, so that the names need no condition.
  pushDown =
    config:
    {
      merge = builtins.concatMap pushDown config.contents;
      "if" = map (builtins.mapAttrs (_: lib.mkIf config.condition)) (pushDown config.content);
      override = map (builtins.mapAttrs (_: lib.mkOverride config.priority)) (pushDown config.content);
    }
    .${config._type or "plain"} or [ config ];

  fieldsWithFile =
    { file, value }:
    builtins.mapAttrs (_: field: {
      inherit file;
      value = field;
    }) value;

  # The definitions of every name in one set, as lists of { file, value }.
  byName =
    prefix: definitions:
    builtins.zipAttrsWith (_: builtins.concatLists) (
      builtins.concatMap (
        { file, value }:
        map (
          set:
          if builtins.isAttrs set then
            builtins.mapAttrs (_: definition: [ definition ]) (fieldsWithFile {
              inherit file;
              value = set;
            })
          else
            throw "The option `${lib.showOption prefix}' is a set of options, but a definition in `${file}' is a ${builtins.typeOf set}."
        ) (pushDown value)
      ) definitions
    );

  # One tree of declarations; every leaf is an option with the files that declare it.
  mergeDeclarations =
    prefix: declarations:
    builtins.zipAttrsWith (
      name: found:
      let
        path = prefix ++ [ name ];
        leaves = builtins.filter (declaration: lib.isOption declaration.value) found;
      in
      if leaves == [ ] then
        mergeDeclarations path found
      else if builtins.length found == 1 then
        (builtins.head leaves).value // { declarations = [ (builtins.head leaves).file ]; }
      else
        throw "The option `${lib.showOption path}' in `${(builtins.elemAt found 1).file}' is already declared in `${(builtins.head found).file}'."
    ) (map fieldsWithFile declarations);

  evalOption =
    loc: option: definitions:
    let
      default = lib.optional (option ? default) {
        file = builtins.head option.declarations;
        value = lib.mkOptionDefault option.default;
      };
      effective = lib.effectiveDefinitions (default ++ definitions);
      merged = lib.mergeEffective loc (option.type or lib.types.anything) effective;
    in
    option
    // {
      inherit loc;
      value = (option.apply or lib.id) merged;
      isDefined = effective != [ ];
      definitions = map (definition: definition.value) effective;
      definitionsWithLocations = effective;
      files = map (definition: definition.file) effective;
    };

  # Walks the tree: `options` with their values, and the definitions that no option declares.
  evalTree =
    prefix: tree: definitions:
    let
      defined = byName prefix definitions;
      nodes = builtins.mapAttrs (
        name: node:
        let
          path = prefix ++ [ name ];
          own = defined.${name} or [ ];
        in
        if lib.isOption node then
          {
            options = evalOption path node own;
            unmatched = [ ];
          }
        else
          evalTree path node own
      ) tree;
    in
    {
      options = builtins.mapAttrs (_: node: node.options) nodes;
      unmatched =
        builtins.concatLists (lib.mapAttrsToList (_: node: node.unmatched) nodes)
        ++ lib.mapAttrsToList (name: found: {
          path = prefix ++ [ name ];
          definitions = found;
        }) (builtins.removeAttrs defined (builtins.attrNames tree));
    };

  valuesOf = builtins.mapAttrs (_: node: if lib.isOption node then node.value else valuesOf node);

  refuse =
    unmatched:
    let
      first = builtins.head unmatched;
    in
    throw "The option `${lib.showOption first.path}' does not exist. Definition values:${lib.showDefinitions first.definitions}";

  internalModule = {
    _file = "lib/modules/evaluate.nix";
    options._module = {
      args = lib.mkOption {
        type = lib.types.lazyAttrsOf lib.types.raw;
        default = { };
        description = "Further arguments of every module.";
      };
      check = lib.mkOption {
        type = lib.types.bool;
        default = true;
        description = "Whether a definition of no option is an error.";
      };
    };
  };
in
{
  # `prefix` is the path of the option whose value is evaluated, for messages of submodules.
  evalModules =
    {
      modules,
      specialArgs ? { },
      prefix ? [ ],
    }:
    let
      args = {
        inherit lib options;
        config = values;
      }
      // specialArgs;
      collected = lib.collectModules args declared._module.args ([ internalModule ] ++ modules);
      partOf =
        part:
        map (module: {
          inherit (module) file;
          value = module.${part};
        }) collected;
      freeform = lib.findFirst (type: type != null) null (map (module: module.freeformType) collected);
      evaluated = evalTree prefix (mergeDeclarations prefix (partOf "options")) (partOf "config");
      inherit (evaluated) options;

      declared = valuesOf options;
      depth = builtins.length prefix;
      free = freeform.merge prefix (
        builtins.concatMap (
          { path, definitions }:
          map (
            { file, value }:
            {
              inherit file;
              value = lib.setAttrByPath (lib.drop depth path) value;
            }
          ) definitions
        ) evaluated.unmatched
      );
      # Modules see this, so that a condition can be told in the message of `refuse`.
      values =
        if freeform == null || evaluated.unmatched == [ ] then
          declared
        else
          lib.recursiveUpdate free declared;
      config =
        if freeform == null && declared._module.check && evaluated.unmatched != [ ] then
          refuse evaluated.unmatched
        else
          values;
    in
    {
      inherit options;
      config = builtins.removeAttrs config [ "_module" ];
      _module.args = declared._module.args;
    };
}
