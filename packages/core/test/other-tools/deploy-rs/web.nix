{
  networking.hostName = "web";
  services.openssh.enable = true;
  boot.loader.systemd-boot.enable = true;
  system.stateVersion = "25.05";
}
