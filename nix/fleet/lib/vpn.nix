# Who is in a VPN, and which peers each of them has.
{ config, lib }:
let
  server =
    { server, ... }:
    server
    // {
      host = server.node;
      option = "server.node";
      isServer = true;
      endpoint =
        if server.endpoint != null then
          server.endpoint
        else
          builtins.head (config.addresses.${server.node} or [ ] ++ [ server.node ]);
    };

  clients =
    network:
    lib.mapAttrsToList (
      host: client:
      client
      // {
        inherit host;
        option = "clients.${host}";
        isServer = false;
      }
    ) network.clients;

  members = network: [ (server network) ] ++ clients network;

  # Without an address on either side two hosts never find each other.
  isDirect =
    network: self: other:
    self.isServer
    || other.isServer
    || (network.topology == "mesh" && (self.endpoint != null || other.endpoint != null));

  peers =
    network: self:
    let
      others = builtins.filter (member: member.host != self.host) (members network);
      inherit (lib.partition (isDirect network self) others) right wrong;
      own = member: "${member.subnetIp}/32";
      allowed =
        member:
        if self.isServer || !member.isServer then
          [ (own member) ]
        else if network.topology == "hub" then
          [ network.subnet ]
        else
          map own ([ member ] ++ wrong);
    in
    map (member: {
      name = member.host;
      inherit (member.wireguard) publicKey;
      allowedIPs = allowed member;
      endpoint =
        if member.endpoint == null then null else "${bracketed member.endpoint}:${toString member.port}";
      # From behind a router, so that others can answer at any time.
      persistentKeepalive = if self.endpoint == null && member.endpoint != null then 25 else null;
    }) right;

  bracketed = address: if lib.hasInfix ":" address then "[${address}]" else address;
in
{
  inherit members peers;
}
