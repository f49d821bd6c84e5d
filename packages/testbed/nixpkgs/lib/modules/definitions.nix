# From the definitions of one option to its value.
lib:
let
  # Takes mkMerge and mkIf away: what remains are definitions that hold.
  discharge =
    definition:
    let
      inner = content: discharge (definition // { value = content; });
    in
    {
      merge = builtins.concatMap inner definition.value.contents;
      "if" =
        if !builtins.isBool definition.value.condition then
          throw "mkIf called with a non-Boolean condition (in `${toString definition.file}')"
        else if definition.value.condition then
          inner definition.value.content
        else
          [ ];
    }
    .${definition.value._type or "plain"} or [ definition ];

  # Every definition with its priority, mkOverride taken away.
  prioritised =
    definition:
    if definition.value._type or null == "override" then
      {
        inherit (definition.value) priority;
        definition = definition // {
          value = definition.value.content;
        };
      }
    else
      {
        priority = lib.defaultOverridePriority;
        inherit definition;
      };

  strongest =
    candidates:
    let
      best = builtins.foldl' (least: c: lib.min least c.priority) 9999 candidates;
    in
    map (c: c.definition) (builtins.filter (c: c.priority == best) candidates);

  isOrdered = definition: definition.value._type or null == "order";
  position =
    definition: if isOrdered definition then definition.value.priority else lib.defaultOrderPriority;
  plain =
    definition:
    if isOrdered definition then definition // { value = definition.value.content; } else definition;
  inOrder =
    definitions:
    if builtins.any isOrdered definitions then
      map plain (builtins.sort (a: b: position a < position b) definitions)
    else
      definitions;
in
{
  # The definitions that count: conditions resolved, the strongest priority, in order.
  effectiveDefinitions =
    definitions: inOrder (strongest (map prioritised (builtins.concatMap discharge definitions)));

  # Checks and merges effective definitions; `loc` is the option's path.
  mergeEffective =
    loc: type: definitions:
    let
      wrong = builtins.filter (definition: !type.check definition.value) definitions;
    in
    if definitions == [ ] then
      type.emptyValue.value or (throw (
        "The option `${lib.showOption loc}' was accessed but has no value defined. Try setting the option."
      ))
    else if wrong != [ ] then
      throw "A definition for option `${lib.showOption loc}' is not of type `${type.description}'. Definition values:${lib.showDefinitions wrong}"
    else
      type.merge loc definitions;

  mergeDefinitions =
    loc: type: definitions:
    lib.mergeEffective loc type (lib.effectiveDefinitions definitions);
}
