# Systems with the deploy user, for tests that attack it. `changes` is one more module.
{
  keys,
  trustedKeys,
  cacheKey,
}:
let
  nixpkgs = import ../../../testbed/nixpkgs/lib;

  common = {
    imports = [ ../../../../nix/modules ];
    services.openssh = {
      enable = true;
      # More than any host should let in, and all of it must be harmless.
      settings.AcceptEnv = "LANG LC_* PATH ENV BASH_ENV HOME IFS NIX_* HOMELAB_* SSH_ORIGINAL_COMMAND";
      settings.X11Forwarding = true;
    };
    boot.loader.systemd-boot.enable = true;
    system.stateVersion = "25.05";
    homelab.users.deploy = {
      enable = true;
      inherit keys trustedKeys;
    };
    nix.settings = {
      # A cache whose signatures count, as that of nixos.org does, and the host's own signing key.
      trusted-public-keys = [ cacheKey ];
      secret-key-files = [ "/root/host.sec" ];
    };
  };
  # What only the host itself can reach.
  private =
    { pkgs, ... }:
    {
      environment.etc."private/index.html".text = "for this host alone";
      systemd.services.private = {
        wantedBy = [ "multi-user.target" ];
        serviceConfig.ExecStart = "${pkgs.busybox}/bin/busybox httpd -f -p 127.0.0.1:8080 -h /etc/private";
      };
    };
  system =
    module:
    nixpkgs.nixosSystem {
      system = "x86_64-linux";
      modules = [
        common
        private
        module
      ];
    };
in
{
  one = system { environment.etc."marker".text = "one"; };
  two = system { environment.etc."marker".text = "two"; };
  open = system { homelab.users.deploy.forcedCommand = false; };
}
