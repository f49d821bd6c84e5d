# From module references to one flat list of modules in a common form.
lib:
let
  unknownFile = "<unknown-file>";
  reserved = [
    "_file"
    "_class"
    "key"
    "imports"
    "disabledModules"
    "options"
    "config"
    "freeformType"
    "meta"
  ];

  isPathLike = reference: builtins.isPath reference || builtins.isString reference;

  # A function gets the arguments it names: from specialArgs, else from _module.args, as late as possible.
  call =
    args: moduleArgs: function:
    function (
      builtins.mapAttrs (name: _: args.${name} or moduleArgs.${name}) (builtins.functionArgs function)
      // args
    );

  resolve =
    call': file: reference:
    if isPathLike reference then
      resolve call' (toString reference) (import reference)
    else if builtins.isFunction reference then
      normalise file (call' reference)
    else if builtins.isAttrs reference then
      normalise file reference
    else
      throw "Expected a module, but found a value of type ${builtins.typeOf reference} (in `${file}')";

  normalise =
    fallbackFile: module:
    let
      file = toString (module._file or fallbackFile);
      explicit = module ? config || module ? options;
      unsupported = builtins.attrNames (builtins.removeAttrs module reserved);
    in
    if module._type or null == "if" || module._type or null == "override" then
      normalise file { config = module; }
    else if module ? _type then
      throw "Expected a module, but found a value of type ${builtins.toJSON module._type} (in `${file}')"
    else if explicit && unsupported != [ ] then
      throw "Module `${file}' has an unsupported attribute `${builtins.head unsupported}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them into the explicit `config' attribute."
    else
      {
        inherit file;
        imports = module.imports or [ ];
        options = module.options or { };
        freeformType = module.freeformType or null;
        config = if explicit then module.config or { } else builtins.removeAttrs module reserved;
      };

  keyOf =
    parentKey: index: reference:
    if isPathLike reference then
      toString reference
    else if builtins.isAttrs reference && reference ? key then
      toString reference.key
    else
      "${parentKey}:${toString index}";
in
{
  # A module imported twice counts once. The last one comes first, as in nixpkgs: imports before those
  # who import them.
  collectModules =
    args: moduleArgs: modules:
    let
      closure = builtins.genericClosure {
        startSet = entries "" unknownFile modules;
        operator = entry: entries entry.key entry.module.file entry.module.imports;
      };
      entries =
        parentKey: parentFile:
        lib.imap1 (
          index: reference: {
            key = keyOf parentKey index reference;
            module = resolve (call args moduleArgs) parentFile reference;
          }
        );
    in
    lib.reverseList (map (entry: entry.module) closure);

  setDefaultModuleLocation = file: module: {
    _file = file;
    imports = [ module ];
  };
}
