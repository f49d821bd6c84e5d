{
  homelab.deploy = {
    tier = "prod";
    role = "dns";
    tags = [ "canary" ];
  };

  homelab.page.text = "dns01 knows the names";
}
