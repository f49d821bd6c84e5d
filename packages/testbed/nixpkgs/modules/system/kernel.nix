{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.boot;
  inherit (cfg.kernelPackages) kernel;
in
{
  options.boot = {
    kernelPackages = lib.mkOption {
      type = lib.types.raw;
      default = pkgs.linuxPackages;
      description = "The kernel and the packages that belong to it.";
    };
    kernelParams = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = "Parameters on the kernel's command line.";
    };
    kernelModules = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = "Kernel modules loaded at boot. Accepted; a test host loads none.";
    };
    extraModulePackages = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [ ];
      description = "Packages of further kernel modules.";
    };
    kernel.sysctl = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.nullOr (
          lib.types.oneOf [
            lib.types.bool
            lib.types.int
            lib.types.str
          ]
        )
      );
      default = { };
      description = "Kernel parameters set at run time. Accepted; a test host sets none.";
    };
    initrd = {
      availableKernelModules = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        description = "Kernel modules that the initial ramdisk may load.";
      };
      kernelModules = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        description = "Kernel modules that the initial ramdisk always loads.";
      };
    };
  };

  config = {
    boot.kernelParams = [ "loglevel=4" ];

    system.build = {
      inherit kernel;
      modulesTree = pkgs.symlinkJoin {
        name = "kernel-modules";
        paths = [ kernel ] ++ cfg.extraModulePackages;
        postBuild = "rm -f $out/bzImage";
      };
      initialRamdisk = pkgs.writeTextDir "initrd" ''
        initrd for kernel ${kernel.version}
        modules: ${toString (cfg.initrd.availableKernelModules ++ cfg.initrd.kernelModules)}
      '';
    };
  };
}
