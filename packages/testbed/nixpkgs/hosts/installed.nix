{
  networking.hostName = "";
  services.openssh.enable = true;
  system.stateVersion = "25.05";
}
