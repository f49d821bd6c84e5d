# What can be said of a fleet: mkFleet has all of it.
{
  imports = [
    ./addresses.nix
    ./dns.nix
    ./hosts.nix
    ./ssh.nix
    ./vpn.nix
  ];
}
