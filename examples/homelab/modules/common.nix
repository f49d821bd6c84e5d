# What every host of this homelab has.
{ lib, ... }:
{
  services.openssh = {
    enable = true;
    settings.PasswordAuthentication = false;
  };
  users.users.alice.isNormalUser = true;
  # users.users.root.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA… you@desk" ];

  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
  ];

  nixpkgs.hostPlatform = "x86_64-linux";
  boot.loader.systemd-boot.enable = true;
  fileSystems."/" = {
    device = lib.mkDefault "/dev/disk/by-label/nixos";
    fsType = lib.mkDefault "ext4";
  };
  fileSystems."/boot" = {
    device = lib.mkDefault "/dev/disk/by-label/boot";
    fsType = lib.mkDefault "vfat";
  };

  time.timeZone = "Europe/Stockholm";
  system.stateVersion = "25.05";
}
