lib: {
  inherit (builtins)
    concatStringsSep
    fromJSON
    match
    readFile
    replaceStrings
    split
    stringLength
    substring
    toJSON
    ;

  concatStrings = builtins.concatStringsSep "";
  concatMapStrings = f: list: lib.concatStrings (map f list);
  concatMapStringsSep =
    separator: f: list:
    builtins.concatStringsSep separator (map f list);
  concatMapAttrsStringSep =
    separator: f: set:
    builtins.concatStringsSep separator (lib.mapAttrsToList f set);
  concatLines = lib.concatMapStrings (line: line + "\n");
  optionalString = condition: text: if condition then text else "";
  intersperse =
    separator: list:
    builtins.tail (
      builtins.concatMap (value: [
        separator
        value
      ]) list
    );

  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  hasSuffix =
    suffix: text:
    let
      start = builtins.stringLength text - builtins.stringLength suffix;
    in
    start >= 0 && builtins.substring start (-1) text == suffix;
  hasInfix = infix: text: builtins.length (builtins.split (lib.escapeRegex infix) text) > 1;
  removePrefix =
    prefix: text:
    if lib.hasPrefix prefix text then
      builtins.substring (builtins.stringLength prefix) (-1) text
    else
      text;
  removeSuffix =
    suffix: text:
    if lib.hasSuffix suffix text then
      builtins.substring 0 (builtins.stringLength text - builtins.stringLength suffix) text
    else
      text;
  splitString =
    separator: text:
    builtins.filter builtins.isString (builtins.split (lib.escapeRegex separator) text);
  stringToCharacters =
    text: builtins.genList (n: builtins.substring n 1 text) (builtins.stringLength text);
  escape = characters: builtins.replaceStrings characters (map (c: "\\" + c) characters);
  escapeRegex = lib.escape (lib.stringToCharacters "\\[{()^$?*+|.");
  escapeNixString = text: lib.escape [ "$" ] (builtins.toJSON text);
  escapeNixIdentifier =
    name:
    if builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null then name else lib.escapeNixString name;
  replaceString = from: to: builtins.replaceStrings [ from ] [ to ];
  toInt =
    text:
    if builtins.match "[[:space:]]*-?(0|[1-9][0-9]*)[[:space:]]*" text != null then
      builtins.fromJSON text
    else
      throw "lib.toInt: Could not convert ${builtins.toJSON text} to int.";
  toLower = builtins.replaceStrings lib.upperLetters lib.lowerLetters;
  toUpper = builtins.replaceStrings lib.lowerLetters lib.upperLetters;
  upperLetters = lib.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  lowerLetters = lib.stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  trim =
    text:
    let
      found = builtins.match "[[:space:]]*(.*[^[:space:]])[[:space:]]*" text;
    in
    if found == null then "" else builtins.head found;

  # A word that needs no quotes stays as it is, so that scripts are easy to read.
  escapeShellArg =
    value:
    let
      text = toString value;
    in
    if builtins.match "[[:alnum:],._+:@%/-]+" text != null then
      text
    else
      "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] text}'";
  escapeShellArgs = lib.concatMapStringsSep " " lib.escapeShellArg;

  makeBinPath = lib.makeSearchPath "bin";
  makeSearchPath = folder: lib.concatMapStringsSep ":" (package: "${package}/${folder}");
  getBin = package: package;
  getExe = package: lib.getExe' package (package.meta.mainProgram or package.pname or package.name);
  getExe' = package: program: "${package}/bin/${program}";
  getName =
    package:
    if builtins.isString package then
      (builtins.parseDrvName package).name
    else
      package.pname or (lib.getName package.name);
  getVersion =
    package:
    if builtins.isString package then
      (builtins.parseDrvName package).version
    else
      package.version or (lib.getVersion package.name);
}
