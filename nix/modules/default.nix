# The NixOS side of homelab-deploy: import this folder into a host's configuration.
{
  imports = [
    ./deploy.nix
    ./monitoring.nix
    ./users-deploy.nix
  ];
}
