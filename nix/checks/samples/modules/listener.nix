{ pkgs, ... }:
{
  services.homelab-deploy.listener = {
    enable = true;
    # The command is a package of the flake, which is not looked at here.
    package = pkgs.coreutils;
    tier = "prod";
    role = "dns";
    natsUrl = "nats://nats.example.com:4222";
    nkeyFile = "/run/secrets/homelab-deploy-nkey";
    tlsCaFile = "/etc/nats-ca.crt";
    trustedKeys = [ "UAVFZUM7VX3XTHYV456SAADTCINTILFKYE6J7P3NNEKLUHFCAEQKINTP" ];
    flakeUrl = "git+https://git.example.com/user/nixos-configs.git";
    environment.HTTPS_PROXY = "http://proxy.example.com:3128";
  };
}
