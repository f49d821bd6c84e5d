{
  config,
  lib,
  pkgs,
  ...
}:
let
  snippets = config.system.activationScripts;

  snippet =
    { name, ... }:
    {
      options = {
        deps = lib.mkOption {
          type = lib.types.listOf lib.types.str;
          default = [ ];
          description = "The snippets that run before this one.";
        };
        text = lib.mkOption {
          type = lib.types.lines;
          description = "The commands, for bash. They may run again and again.";
        };
        supportsDryActivation = lib.mkOption {
          type = lib.types.bool;
          default = false;
          description = "Whether it also runs for `dry-activate`, with NIXOS_ACTION set to that word.";
        };
      };
    };

  # Every snippet after those it depends on.
  ordered =
    let
      visit =
        seen: name:
        if builtins.elem name seen then
          seen
        else if !snippets ? ${name} then
          throw "The activation snippet `${name}' does not exist, but another one depends on it."
        else
          builtins.foldl' visit seen snippets.${name}.deps ++ [ name ];
    in
    builtins.foldl' visit [ ] (builtins.attrNames snippets);

  block = name: ''

    #### Activation script snippet ${name}:
    _localstatus=0
    ${snippets.${name}.text}

    if (( _localstatus > 0 )); then
      printf "Activation script snippet '%s' failed (%s)\n" ${lib.escapeShellArg name} "$_localstatus" >&2
    fi
  '';

  script = names: ''
    #!/usr/bin/bash

    systemConfig=@out@
    export PATH=/usr/bin:/usr/sbin:/bin:/sbin
    export HOME="''${HOME:-/root}"
    umask 0022

    _status=0
    trap '_status=1 _localstatus=$?' ERR
    ${lib.concatMapStrings block names}
  '';
in
{
  options.system = {
    activationScripts = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.coercedTo lib.types.str (text: { inherit text; }) (lib.types.submodule snippet)
      );
      default = { };
      description = "Shell snippets that run at boot and at every activation.";
    };

    preSwitchChecks = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      default = { };
      example.failsEveryTime = "false";
      description = "Shell snippets that may refuse the switch, run before anything changes, with the new toplevel and the action as arguments.";
    };
  };

  config.system.build = {
    # @out@ stands for the toplevel.
    activate = script ordered + ''

      ln -sfn "$(readlink -f "$systemConfig")" /run/current-system
      mkdir -p /nix/var/nix/gcroots
      ln -sfn /run/current-system /nix/var/nix/gcroots/current-system
      exit $_status
    '';
    dryActivate = script (builtins.filter (name: snippets.${name}.supportsDryActivation) ordered);
  };

  config.system.build.preSwitchChecks = pkgs.writeScript "pre-switch-checks" (
    ''
      #!/usr/bin/bash
      result=0
    ''
    + lib.concatStrings (
      lib.mapAttrsToList (name: text: ''
        bash -eu -c ${lib.escapeShellArg text} ${lib.escapeShellArg name} "$@" >&2 || {
          echo "Pre-switch check '${name}' failed" >&2
          result=1
        }
      '') config.system.preSwitchChecks
    )
    + "exit $result\n"
  );

  config.system.activationScripts.var = ''
    install -d -m 0755 /nix/var/nix/gcroots/per-user /nix/var/nix/profiles/per-user /var/lib/nixos
    install -d -m 0755 /run/wrappers/bin
    install -d -m 0555 /var/empty
  '';
}
