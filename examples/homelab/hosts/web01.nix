{
  networking.hostName = "web01";

  homelab.deploy = {
    tier = "prod";
    role = "web";
  };

  homelab.page.text = "Welcome to web01";
}
