{
  homelab.monitoring.enable = true;
  services.prometheus.exporters.node.openFirewall = true;
}
