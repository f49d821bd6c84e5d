{
  homelab.deploy = {
    tier = "prod";
    role = "web";
  };

  homelab.page.text = "Welcome to web01";
}
