{
  networking.hostName = "web01";

  homelab.deploy = {
    targetHost = "192.168.0.10";
    tier = "prod";
    role = "web";
  };
}
