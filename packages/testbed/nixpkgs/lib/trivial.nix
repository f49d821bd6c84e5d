lib: {
  inherit (builtins)
    add
    functionArgs
    isAttrs
    isBool
    isFloat
    isFunction
    isInt
    isList
    isPath
    isString
    lessThan
    seq
    throw
    tryEval
    typeOf
    ;

  id = value: value;
  const = value: _: value;
  flip =
    f: a: b:
    f b a;
  pipe = builtins.foldl' (value: f: f value);
  max = a: b: if a > b then a else b;
  min = a: b: if a < b then a else b;
  boolToString = value: if value then "true" else "false";
  importJSON = path: builtins.fromJSON (builtins.readFile path);
  warn = message: builtins.trace "evaluation warning: ${message}";
  warnIf = condition: message: if condition then lib.warn message else lib.id;
  throwIf = condition: message: if condition then throw message else lib.id;
  throwIfNot = condition: message: lib.throwIf (!condition) message;
  assertMsg = condition: message: condition || throw message;

  # The release of nixpkgs whose options this stand-in follows.
  trivial.release = "25.05";
  version = "25.05.testbed";
  versionAtLeast = version: least: builtins.compareVersions version least >= 0;
  versionOlder = version: other: builtins.compareVersions version other < 0;
}
