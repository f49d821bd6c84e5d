# The derivation called `name` that `text` mentions: its paths are all that is left of it there.
_parts:
{
  name,
  text,
  system,
}:
let
  all = builtins.attrNames (builtins.getContext text);
  derivations = builtins.filter (path: nameOf path == "${name}.drv") all;
  nameOf = path: builtins.substring 33 (-1) (baseNameOf path);

  plain = builtins.unsafeDiscardStringContext text;
  outputs = builtins.filter (part: builtins.isList part && nameOf (builtins.head part) == name) (
    builtins.split "(${builtins.storeDir}/[0-9a-z]{32}-[A-Za-z0-9+._?=-]+)" plain
  );
  distinct = builtins.attrNames (
    builtins.listToAttrs (
      map (part: {
        name = builtins.head part;
        value = null;
      }) outputs
    )
  );
in
if builtins.length derivations == 1 && builtins.length distinct == 1 then
  {
    outPath = builtins.head distinct;
    drvPath = builtins.head derivations;
    inherit system;
  }
else
  null
