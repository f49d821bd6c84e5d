{
  networking.hostName = "dns01";

  homelab.deploy = {
    tier = "prod";
    role = "dns";
    tags = [ "canary" ];
  };

  networking.hosts."10.0.0.10" = [ "nas.home.arpa" ];
  homelab.page.text = "dns01 knows the names";
}
