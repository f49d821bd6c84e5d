# Other kernels, on hosts with one boot loader or another.
{ oneshot, ... }:
let
  otherKernel =
    { pkgs, ... }:
    {
      boot.kernelPackages = pkgs.linuxPackages_6_15;
    };
  panickingKernel =
    { pkgs, ... }:
    {
      boot.kernelPackages = pkgs.linuxPackages_panics;
    };
  grub =
    { lib, ... }:
    {
      boot.loader.systemd-boot.enable = lib.mkForce false;
      boot.loader.grub.enable = true;
    };
  counting.boot.loader.systemd-boot.bootCounting.enable = true;
in
{
  other-kernel = otherKernel;
  other-kernel-failing.imports = [
    otherKernel
    (oneshot "/bin/sh -c 'echo out of luck; exit 1'")
  ];
  other-kernel-silent = {
    imports = [ otherKernel ];
    networking.useDHCP = false;
  };
  panicking-kernel = panickingKernel;
  inherit grub;
  grub-other-kernel.imports = [
    grub
    otherKernel
  ];
  grub-panicking-kernel.imports = [
    grub
    panickingKernel
  ];
  inherit counting;
  counting-other-kernel.imports = [
    counting
    otherKernel
  ];
}
