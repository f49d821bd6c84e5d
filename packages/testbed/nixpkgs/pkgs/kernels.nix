# Kernels: a file and a modules folder that differ by version. The test host's boot loader reads a word of the file; what
# runs is always the machine's own kernel.
{ lib, builders }:
let
  kernel =
    version: word:
    builders.runCommand "linux-${version}"
      {
        inherit version;
        passthru = {
          pname = "linux";
          inherit version;
          modDirVersion = version;
        };
      }
      ''
        mkdir -p "$out/lib/modules/$version"
        echo "kernel $version ${word}" >"$out/bzImage"
        echo "modules of $version" >"$out/lib/modules/$version/modules.dep"
      '';

  packages = builtins.mapAttrs (_: version: { kernel = kernel version "boots"; }) {
    linuxPackages_6_1 = "6.1.140";
    linuxPackages_6_6 = "6.6.92";
    linuxPackages_6_12 = "6.12.31";
    linuxPackages_6_15 = "6.15.1";
  };
in
packages
// {
  linuxPackages = packages.linuxPackages_6_12;
  linuxPackages_latest = packages.linuxPackages_6_15;
  # Panics at every boot, and resets the machine a second later, as with panic=1 on its command line.
  linuxPackages_panics.kernel = kernel "6.12.32" "panics";
  linux = packages.linuxPackages_6_12.kernel;
  linux_latest = packages.linuxPackages_6_15.kernel;
}
