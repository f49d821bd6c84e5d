# The NixOS side of homelab-deploy: import this folder into a host's configuration.
{
  imports = [
    ./deploy.nix
    ./harmonia.nix
    ./listener.nix
    ./monitoring.nix
    ./nix-cache.nix
    ./secrets.nix
    ./users-deploy.nix
  ];
}
