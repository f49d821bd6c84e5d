{
  homelab.deploy = {
    targetHost = "web01.lan";
    port = 2222;
    user = "root";
    tier = "prod";
    role = "web";
    tags = [ "canary" ];
    goal = "switch";
    rollback = {
      confirmTimeout = "30s";
      activationTimeout = "5m";
      unhealthy = "warn";
      rescue = "never";
    };
    healthChecks = [
      {
        name = "web";
        http = {
          url = "https://web01.lan/health";
          status = [
            200
            204
          ];
        };
        retries = 3;
      }
      { systemd.units = [ "nginx.service" ]; }
      { command.run = "true"; }
    ];
    reboot = "when-needed";
    rebootAt = "Sat,Sun 02:00-04:00";
    buildOn = "target";
  };
}
