# A system with the modules of this repository, for hosts that tests deploy to.
let
  nixpkgs = import ../../../testbed/nixpkgs/lib;
in
modules:
nixpkgs.nixosSystem {
  system = "x86_64-linux";
  modules = modules ++ [
    ../../../../nix/modules
    {
      services.openssh.enable = true;
      boot.loader.systemd-boot.enable = true;
      system.stateVersion = "25.05";
      networking.hostName = "web01";
    }
  ];
}
