# Systems with services that read a secret, and one that does not.
let
  common =
    { lib, pkgs, ... }:
    {
      homelab.secrets.token = {
        file = "/var/lib/secrets/token";
        group = "readers";
        mode = "0440";
        restartUnits = [
          "reader.service"
          "idle.service"
        ];
        reloadUnits = [ "reloader.service" ];
      };
      users.groups.readers = { };
      systemd.services =
        lib.genAttrs
          [
            "reader"
            "reloader"
            "bystander"
          ]
          (_: {
            wantedBy = [ "multi-user.target" ];
            serviceConfig.ExecStart = "${pkgs.busybox}/bin/sleep 100000";
            serviceConfig.ExecReload = "/bin/sh -c 'echo reloaded >>/run/reloads'";
          })
        // {
          idle.serviceConfig.ExecStart = "${pkgs.busybox}/bin/sleep 100000";
        };
    };
  system =
    module:
    import ./system.nix [
      common
      module
    ];
in
{
  one = system { };
  two = system { environment.etc."marker".text = "two"; };
  hashed = system { homelab.secrets.token.hash = "2c1743a391305fbf"; };
  hashed-two = system {
    homelab.secrets.token.hash = "2c1743a391305fbf";
    environment.etc."marker".text = "two";
  };
  nobodys = system { homelab.secrets.token.user = "nobody-at-all"; };
}
