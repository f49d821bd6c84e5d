# The hosts, and what concerns several of them.
{ lib, ... }:
let
  known = lib.importJSON ./known.json;
  all = fact: builtins.mapAttrs (_: fact) known;

  member = host: subnetIp: {
    inherit subnetIp;
    wireguard.publicKey = known.${host}.vpnKey;
    wireguard.privateKeyFile = "/var/lib/wireguard/home.key";
  };
in
{
  hosts = {
    web01 = ./hosts/web01.nix;
    dns01 = ./hosts/dns01.nix;
    web-test = ./hosts/web-test.nix;
    nas-test = ./hosts/nas-test.nix;
  };

  defaults =
    { name, ... }:
    {
      imports = [
        # In a repository of your own: homelab-deploy.nixosModules.default.
        ../../nix/modules
        ./modules/common.nix
        ./modules/page.nix
      ];
      homelab.deploy = {
        targetHost = known.${name}.address;
        inherit (known.${name}) hostKey;
      };
    };

  addresses = all (host: host.address);

  # alice on web01 can run `ssh dns01`.
  ssh.access = lib.mkMerge [
    (all (host: {
      hostKeys.ed25519 = host.hostKey;
    }))
    {
      web01.keys.alice = {
        publicKey = known.web01.aliceKey;
        hasAccessTo.dns01.alice = true;
      };
    }
  ];

  vpn.networks.home = {
    subnet = "10.100.0.0/24";
    server = member "web01" "10.100.0.1" // {
      node = "web01";
    };
    clients.dns01 = member "dns01" "10.100.0.2";
    clients.nas-test = member "nas-test" "10.100.0.3";
  };

  dns.zones."home.arpa" = {
    primary = "dns01";
    secondaries = [ "web01" ];
  };
  dns.records = lib.mkMerge [
    (lib.mapAttrs' (name: host: lib.nameValuePair "${name}.home.arpa" { A = host.address; }) known)
    { "www.home.arpa".CNAME = "web01.home.arpa"; }
  ];
}
