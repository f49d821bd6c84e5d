{ pkgs, ... }:
{
  homelab.deploy = {
    tier = "test";
    role = "storage";
    rollback.confirmTimeout = "1m";
  };

  homelab.page.text = "nas-test keeps the files";

  # What fills up first on a storage host.
  systemd.services.free-space = {
    description = "Log of the free space";
    startAt = "hourly";
    path = [ pkgs.coreutils ];
    script = "df --human-readable /";
  };
}
