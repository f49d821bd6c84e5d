{
  homelab.nixCache = {
    enable = true;
    urls = [ "https://cache.example.org" ];
    publicKeys = [ "cache.example.org-1:dR0fuNBWkTZIqGGT7ZRDv0G5G0eYrgLZ6RRyzdRS0bY=" ];
  };
}
