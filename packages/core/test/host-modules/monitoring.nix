# Systems that tell Prometheus of themselves.
let
  common =
    { lib, ... }:
    {
      homelab.monitoring.enable = true;
      # What changes must show at once, without the clock.
      systemd.services.homelab-metrics.startAt = lib.mkForce "yearly";
    };
  system =
    module:
    import ./system.nix [
      common
      module
    ];
in
{
  one = system { environment.etc."marker".text = "one"; };
  two = system { environment.etc."marker".text = "two"; };
  failing = system {
    systemd.services.marker = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig.ExecStart = "/bin/sh -c 'sleep 1; exit 1'";
    };
  };
  other-kernel = system (
    { pkgs, ... }:
    {
      boot.kernelPackages = pkgs.linuxPackages_6_15;
    }
  );
}
