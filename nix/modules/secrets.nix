# Units are restarted when a secret that they read has changed; its value never is in the store: docs/secrets.md.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  secrets = config.homelab.secrets;

  units =
    what:
    mkOption {
      type = types.listOf (types.strMatching "[^/[:space:]]+[.][a-z]+");
      default = [ ];
      example = [ "nginx.service" ];
      description = "Full names of units that are ${what} when the secret has changed, if they run.";
    };
  kept =
    type: example: what:
    mkOption {
      type = types.nullOr (types.strMatching type);
      default = null;
      inherit example;
      description = "${what} of the file; null leaves it as it is.";
    };

  secret.options = {
    file = mkOption {
      type = types.path;
      example = "/run/secrets/database-password";
      description = ''
        The file on the host that has the secret, as sops-nix, agenix or a hand has put it there. Never a
        path of the store, which everybody can read.
      '';
    };
    hash = mkOption {
      type = types.nullOr (types.strMatching "[A-Za-z0-9+/=:._-]{8,200}");
      default = null;
      example = lib.literalExpression ''builtins.hashFile "sha256" ./secrets/database-password.age'';
      description = ''
        Anything that is another text when the secret is another one, so that a change of the secret alone
        changes the system, and is deployed. It is in the store: take the hash of the encrypted file, or
        one with a key, for a plain hash of a short secret can be guessed.
      '';
    };
    user = kept "[a-z_][a-z0-9_-]*" "nginx" "The owner";
    group = kept "[a-z_][a-z0-9_-]*" "nginx" "The group";
    mode = kept "[0-7]{3,4}" "0440" "The mode";
    restartUnits = units "restarted";
    reloadUnits = units "reloaded";
  };

  # A path that Nix knows as one comes into the store as soon as it is used.
  inStore = file: builtins.isPath file || lib.hasPrefix builtins.storeDir "${file}";

  look =
    name: secret:
    "homelab_secret ${
      lib.escapeShellArgs [
        name
        (builtins.hashString "sha256" name)
        (toString secret.file)
        (toString secret.hash)
        (toString secret.user + lib.optionalString (secret.group != null) ":${secret.group}")
        (toString secret.mode)
        (toString secret.restartUnits)
        (toString secret.reloadUnits)
      ]
    }";
in
{
  options.homelab.secrets = mkOption {
    type = types.attrsOf (types.submodule secret);
    default = { };
    example = lib.literalExpression ''
      {
        database-password = {
          file = "/run/secrets/database-password";
          restartUnits = [ "postgresql.service" ];
        };
      }
    '';
    description = "Secrets of this host, and the units that are restarted when an activation finds one changed.";
  };

  config = lib.mkIf (secrets != { }) {
    assertions = lib.mapAttrsToList (name: secret: {
      assertion = !inStore secret.file;
      message = ''
        homelab.secrets.${name}.file is ${toString secret.file}, which is or would be in the store, where everybody can read it.
        Name the file on the host, as a string such as "/run/secrets/${name}".'';
    }) secrets;

    system.activationScripts.homelab-secrets = {
      # What makes users, and what sops-nix and agenix decrypt with, where it is there.
      deps = builtins.filter (name: config.system.activationScripts ? ${name}) [
        "users"
        "groups"
        "setupSecrets"
        "agenix"
        "agenixChown"
      ];
      supportsDryActivation = true;
      text = ''
        ${builtins.readFile ./secrets.sh}
        homelab_systemctl=${config.systemd.package}/bin/systemctl
        ${lib.concatStringsSep "\n" (lib.mapAttrsToList look secrets)}
      '';
    };
  };
}
