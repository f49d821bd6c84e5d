{
  networking.hostName = "dns01";

  homelab.deploy = {
    targetHost = "192.168.0.11";
    tier = "prod";
    role = "dns";
  };
}
