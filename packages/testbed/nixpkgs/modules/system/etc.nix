{
  config,
  lib,
  pkgs,
  ...
}:
let
  entry =
    { name, config, ... }:
    {
      options = {
        enable = lib.mkOption {
          type = lib.types.bool;
          default = true;
          description = "Whether the file exists.";
        };
        target = lib.mkOption {
          type = lib.types.str;
          default = name;
          description = "Its path below /etc.";
        };
        text = lib.mkOption {
          type = lib.types.nullOr lib.types.lines;
          default = null;
          description = "Its content.";
        };
        source = lib.mkOption {
          type = lib.types.path;
          description = "The file it leads to.";
        };
        mode = lib.mkOption {
          type = lib.types.str;
          default = "symlink";
          example = "0600";
          description = "`symlink`, or the mode of a copy.";
        };
        user = lib.mkOption {
          type = lib.types.str;
          default = "root";
          description = "The owner of a copy.";
        };
        group = lib.mkOption {
          type = lib.types.str;
          default = "root";
          description = "The group of a copy.";
        };
      };
      config.source = lib.mkIf (config.text != null) (
        lib.mkDefault (pkgs.writeText "etc-${lib.replaceStrings [ "/" "@" ] [ "-" "-" ] name}" config.text)
      );
    };

  entries = builtins.filter (file: file.enable) (builtins.attrValues config.environment.etc);
  install =
    file:
    let
      target = lib.escapeShellArg file.target;
    in
    ''
      mkdir -p "$(dirname ${target})"
      ln -s ${lib.escapeShellArg "${file.source}"} ${target}
    ''
    + lib.optionalString (file.mode != "symlink") ''
      echo ${
        lib.escapeShellArgs [
          file.mode
          file.user
          file.group
        ]
      } >${target}.mode
    '';
in
{
  options.environment.etc = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule entry);
    default = { };
    example.example-configuration-file.text = "value";
    description = "Files below /etc.";
  };

  config.system.build.etc = pkgs.runCommand "etc" { } ''
    mkdir -p "$out/etc"
    cd "$out/etc"
    ${lib.concatMapStrings install entries}
  '';

  config.system.activationScripts.etc = {
    deps = [ "users" ];
    text = "/bin/sh ${./setup-etc.sh} ${config.system.build.etc}/etc";
  };
}
