# What flakes use of deploy-rs, with the attributes that its own has; its programs are missing.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs =
    { nixpkgs, ... }:
    {
      lib = builtins.mapAttrs (
        _: pkgs:
        let
          activate = {
            custom =
              base: script:
              pkgs.buildEnv {
                name = "activatable-${base.name}";
                paths = [
                  base
                  (pkgs.writeTextFile {
                    name = "${base.name}-activate-path";
                    text = script;
                    executable = true;
                    destination = "/deploy-rs-activate";
                  })
                ];
              };
            nixos =
              configuration:
              activate.custom configuration.config.system.build.toplevel "$PROFILE/bin/switch-to-configuration switch";
          };
        in
        {
          inherit activate;
          deployChecks = deploy: {
            deploy-schema = pkgs.writeText "deploy.json" (builtins.toJSON deploy);
          };
        }
      ) nixpkgs.legacyPackages;
    };
}
