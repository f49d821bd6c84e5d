# VM tests as values: their hosts evaluate, their script can be read, and no machine is started.
{ lib, system }:
let
  hostPkgs = import ./. { inherit lib system; } // {
    path = ../.;
  };
  inherit (lib) mkOption types;

  # Options of a machine that is not there, and of services that no test host has.
  accepted = mkOption {
    type = types.anything;
    default = { };
    description = "Accepted by VM tests that are evaluated only.";
  };
  machine = {
    options = {
      virtualisation = accepted;
      specialisation = mkOption {
        type = types.attrsOf (
          types.submodule { options.configuration = mkOption { type = types.deferredModule; }; }
        );
        default = { };
        description = "Further systems of the host.";
      };
      services.nats = accepted;
      system.switch = accepted;
    };
    config = {
      nixpkgs.hostPlatform = system;
      system.stateVersion = lib.trivial.release;
      boot.loader.grub.enable = lib.mkDefault false;
      fileSystems."/" = {
        device = "/dev/disk/by-label/nixos";
        fsType = "ext4";
      };
    };
  };

  test.options = {
    name = mkOption { type = types.str; };
    nodes = mkOption { type = types.lazyAttrsOf types.deferredModule; };
    defaults = mkOption { type = types.deferredModule; };
    testScript = mkOption { type = types.either types.str (types.functionTo types.str); };
  };

  evaluate = modules: (lib.nixosSystem { inherit system modules; }).config;
  # The host as it is, then its specialisations.
  systemsOf =
    defaults: name: node:
    let
      modules = [
        machine
        defaults
        node
        { networking.hostName = lib.mkDefault name; }
      ];
      host = evaluate modules;
      specialised = { configuration }: evaluate (modules ++ [ configuration ]);
    in
    [ host ] ++ map specialised (builtins.attrValues host.specialisation);
in
{
  runNixOSTest =
    module:
    let
      inherit
        (lib.evalModules {
          specialArgs = { inherit hostPkgs; };
          modules = [
            test
            module
          ];
        })
        config
        ;
      systems = builtins.mapAttrs (systemsOf config.defaults) config.nodes;
      nodes = builtins.mapAttrs (_: builtins.head) systems;
    in
    hostPkgs.runCommand "vm-test-run-${config.name}" {
      testScript =
        if builtins.isFunction config.testScript then
          config.testScript { inherit nodes; }
        else
          config.testScript;
      toplevels = map (host: host.system.build.toplevel) (
        builtins.concatLists (builtins.attrValues systems)
      );
    } "echo 'there is no VM' >&2; exit 1";
}
