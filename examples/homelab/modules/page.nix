# homelab.page: one page of text, served over HTTP.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.homelab.page;
  root = pkgs.writeTextDir "index.html" "${cfg.text}\n";
in
{
  options.homelab.page = {
    text = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "Hello";
      description = "The text of the page; null serves none.";
    };
    port = lib.mkOption {
      type = lib.types.port;
      default = 80;
      description = "The port to serve it on.";
    };
  };

  config = lib.mkIf (cfg.text != null) {
    networking.firewall.allowedTCPPorts = [ cfg.port ];

    systemd.services.page = {
      description = "A page over HTTP";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      serviceConfig = {
        ExecStart = "${pkgs.busybox}/bin/httpd -f -p ${toString cfg.port} -h ${root}";
        DynamicUser = true;
        AmbientCapabilities = "CAP_NET_BIND_SERVICE";
      };
    };
  };
}
