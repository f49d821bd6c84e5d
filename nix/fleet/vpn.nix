# Networks of WireGuard between hosts.
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (config.vpn) networks;
  ip = import ./lib/ip.nix { inherit lib; };
  namedHost = import ./lib/named-host.nix { inherit config lib options; };
  vpn = import ./lib/vpn.nix { inherit config lib; };

  isKey = key: builtins.match "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=" key != null;

  check =
    name: network:
    let
      option = "vpn.networks.${name}";
      members = vpn.members network;
      ips = map (member: member.subnetIp) members;
      twice = lib.unique (builtins.filter (address: lib.count (other: other == address) ips > 1) ips);
    in
    map (member: namedHost [ "vpn" "networks" ] "${option}.${member.option}" member.host) members
    ++ [
      {
        assertion = builtins.match "[a-zA-Z0-9_-]{1,15}" name != null;
        message = "${option}: the network's name is that of an interface, and has 1 to 15 letters, digits, - and _.";
      }
      {
        assertion = twice == [ ];
        message = "${option}: several hosts have the subnetIp ${lib.concatStringsSep ", " twice}. Give each its own.";
      }
      {
        assertion = !network.clients ? ${network.server.node};
        message = "${option}.clients.${network.server.node} is the server of this network, too. Take it out of clients.";
      }
    ]
    ++ map (member: {
      assertion = ip.contains network.subnet member.subnetIp;
      message = "${option}.${member.option}: subnetIp ${member.subnetIp} is not in the subnet ${network.subnet}.";
    }) members;

  interface =
    name: host: network:
    let
      self = lib.findFirst (member: member.host == host) null (vpn.members network);
    in
    lib.mkIf (self != null) {
      networking.wireguard.interfaces.${name} = {
        ips = [ "${self.subnetIp}/${toString (ip.prefixLength network.subnet)}" ];
        inherit (self.wireguard) privateKeyFile;
        listenPort = lib.mkIf (self.endpoint != null) self.port;
        peers = vpn.peers network self;
      };
      networking.firewall.allowedUDPPorts = lib.optional (self.endpoint != null) self.port;
      boot.kernel.sysctl = lib.mkIf self.isServer { "net.ipv4.conf.${name}.forwarding" = true; };
      # Not an error: whoever tries this out has no keys yet.
      warnings =
        lib.optional (!isKey self.wireguard.publicKey)
          "vpn.networks.${name}: ${builtins.toJSON self.wireguard.publicKey} is no public key of WireGuard, and ${host} will not be reached. `wg pubkey` prints one.";
    };
in
{
  imports = [
    ./addresses.nix
    ./hosts.nix
    ./ssh.nix
  ];

  options.vpn.networks = import ./lib/vpn-options.nix { inherit ip lib; };

  config = {
    assertions = lib.concatLists (lib.mapAttrsToList check networks);

    ssh.access = lib.mkMerge (
      lib.concatMap (
        network:
        map (member: {
          ${member.host} = lib.mkIf (config.hosts ? ${member.host}) { hostNames = [ member.subnetIp ]; };
        }) (vpn.members network)
      ) (builtins.attrValues networks)
    );

    defaults =
      { name, ... }:
      {
        config = lib.mkMerge (lib.mapAttrsToList (network: interface network name) networks);
      };
  };
}
