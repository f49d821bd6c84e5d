{
  services.openssh.enable = true;
  homelab.secrets.database-password = {
    file = "/run/secrets/database-password";
    hash = "sha256-4fKJ0Zb0Jw6SR2RkUfEJXxUt5wWk4nJ4FqDCf3k1z0E=";
    user = "root";
    mode = "0400";
    restartUnits = [ "sshd.service" ];
  };
}
