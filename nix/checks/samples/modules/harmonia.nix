{
  homelab.services.harmonia = {
    enable = true;
    domain = "cache.example.org";
    acme = true;
    openFirewall = true;
  };
  security.acme = {
    acceptTerms = true;
    defaults.email = "hostmaster@example.org";
  };
}
