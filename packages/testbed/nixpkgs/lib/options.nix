lib: {
  mkOption = declaration: declaration // { _type = "option"; };
  isOption = value: value._type or null == "option";

  mkEnableOption =
    what:
    lib.mkOption {
      type = lib.types.bool;
      default = false;
      example = true;
      description = "Whether to enable ${what}.";
    };

  mkPackageOption =
    pkgs: name:
    {
      default ? name,
      nullable ? false,
      ...
    }:
    lib.mkOption {
      type = if nullable then lib.types.nullOr lib.types.package else lib.types.package;
      default = if default == null then null else lib.getAttrFromPath (lib.toList default) pkgs;
      description = "The ${lib.concatStringsSep "." (lib.toList name)} package to use.";
    };

  # Text for the manual: nothing evaluates it.
  literalExpression = text: {
    _type = "literalExpression";
    inherit text;
  };
  literalMD = text: {
    _type = "literalMD";
    inherit text;
  };
  mdDoc = lib.id;
}
