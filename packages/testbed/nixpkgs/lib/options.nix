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
      defaultText =
        if default == null then
          lib.literalExpression "null"
        else
          lib.literalExpression "pkgs.${lib.showOption (lib.toList default)}";
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

  renderOptionValue =
    value:
    if value ? _type && value ? text then
      value
    else
      lib.literalExpression (lib.generators.toPretty { } value);

  # A list of what a reference says of every option, those of submodules after the option that has them.
  optionAttrSetToDocList =
    options:
    builtins.concatMap (
      option:
      [
        (
          {
            inherit (option) loc declarations;
            name = lib.showOption option.loc;
            description = option.description or null;
            internal = option.internal or false;
            visible = option.visible or true;
            readOnly = option.readOnly or false;
            type = option.type.description or "unspecified";
          }
          // lib.optionalAttrs (option ? example) { example = lib.renderOptionValue option.example; }
          // lib.optionalAttrs (option ? defaultText || option ? default) {
            default = lib.renderOptionValue (option.defaultText or option.default);
          }
        )
      ]
      ++ lib.optionals (option.visible or true == true) (
        map (
          found:
          if found.declarations == [ "<unknown-file>" ] then
            found // { inherit (option) declarations; }
          else
            found
        ) (lib.optionAttrSetToDocList (option.type.getSubOptions option.loc))
      )
    ) (lib.collect lib.isOption options);
}
