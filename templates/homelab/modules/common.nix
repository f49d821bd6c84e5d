# What every host has.
{
  services.openssh = {
    enable = true;
    settings.PasswordAuthentication = false;
  };
  # Your public key, or nobody can log in:
  # users.users.root.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA… you@desk" ];

  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
  ];

  boot.loader.systemd-boot.enable = true;
  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
  };
  fileSystems."/boot" = {
    device = "/dev/disk/by-label/boot";
    fsType = "vfat";
  };

  system.stateVersion = "25.05";
}
