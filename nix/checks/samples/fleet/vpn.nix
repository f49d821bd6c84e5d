{ lib, ... }:
let
  member = address: {
    subnetIp = address;
    wireguard = {
      publicKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
      privateKeyFile = "/var/lib/wireguard/home.key";
    };
  };
in
{
  hosts = lib.genAttrs [ "web01" "nas" "laptop" ] (_: { });
  addresses.web01 = "203.0.113.1";
  vpn.networks = {
    home = {
      subnet = "10.100.0.0/24";
      server = {
        node = "web01";
      }
      // member "10.100.0.1";
      clients.nas = member "10.100.0.2";
      clients.laptop = member "10.100.0.3";
    };
    lab = {
      topology = "mesh";
      subnet = "10.101.0.0/24";
      server = {
        node = "nas";
        endpoint = "nas.lan";
        port = 51821;
      }
      // member "10.101.0.1";
      clients.web01 = {
        endpoint = "web01.lan";
        port = 51821;
      }
      // member "10.101.0.2";
      clients.laptop = {
        port = 51821;
      }
      // member "10.101.0.3";
    };
  };
}
