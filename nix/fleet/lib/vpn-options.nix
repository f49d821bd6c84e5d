# vpn.networks
{ ip, lib }:
let
  inherit (lib) mkOption types;

  member = {
    subnetIp = mkOption {
      type = ip.types.ipv4;
      example = "10.100.0.2";
      description = "The host's address in the network.";
    };
    port = mkOption {
      type = types.port;
      default = 51820;
      description = "The UDP port on which the host is reached; its firewall is opened for it.";
    };
    wireguard = {
      publicKey = mkOption {
        type = types.singleLineStr;
        example = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
        description = "The host's public key, as `wg pubkey` prints it.";
      };
      privateKeyFile = mkOption {
        type =
          types.addCheck types.str (path: lib.hasPrefix "/" path && !lib.hasPrefix builtins.storeDir path)
          // {
            description = "absolute path, as a string, outside the Nix store";
          };
        example = "/var/lib/wireguard/home.key";
        description = ''
          The file on the host with its private key, as `wg genkey` prints it. It never gets into the
          store: put it there by hand, or with a module for secrets.
        '';
      };
    };
  };

  endpoint =
    description:
    mkOption {
      type = types.nullOr (types.strMatching "[^][[:space:]]+");
      default = null;
      example = "vpn.example.org";
      inherit description;
    };

  server.options = member // {
    node = mkOption {
      type = types.str;
      example = "web01";
      description = "The host that is the server.";
    };
    endpoint = endpoint ''
      The address or the name under which all others reach the server; null means the first of its
      `addresses`, or else its name.
    '';
  };

  client.options = member // {
    endpoint = endpoint ''
      The address or the name under which others reach this host; null means that they do not, and that
      it is the one that connects.
    '';
  };

  network.options = {
    backend = mkOption {
      type = types.enum [ "wireguard" ];
      default = "wireguard";
      description = "What makes the network.";
    };
    topology = mkOption {
      type = types.enum [
        "hub"
        "mesh"
      ];
      default = "hub";
      description = ''
        `hub`: the server passes on whatever one client sends to another. `mesh`: two hosts talk to each other directly where
        one of them has an `endpoint`, and through the server where none has.
      '';
    };
    subnet = mkOption {
      type = ip.types.subnet;
      example = "10.100.0.0/24";
      description = "The addresses of the network.";
    };
    server = mkOption {
      type = types.submodule server;
      description = "The host that all others can reach.";
    };
    clients = mkOption {
      type = types.attrsOf (types.submodule client);
      default = { };
      description = "The other hosts of the network.";
    };
  };
in
mkOption {
  type = types.attrsOf (types.submodule network);
  default = { };
  example = lib.literalExpression ''
    {
      home = {
        subnet = "10.100.0.0/24";
        server = {
          node = "web01";
          subnetIp = "10.100.0.1";
          wireguard.publicKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
          wireguard.privateKeyFile = "/var/lib/wireguard/home.key";
        };
        clients.nas = {
          subnetIp = "10.100.0.2";
          wireguard.publicKey = "vv2sRYq3Z8cRb4dwPbpqHfSO0vbLQ6QmcJgRIOwV9Ro=";
          wireguard.privateKeyFile = "/var/lib/wireguard/home.key";
        };
      };
    }
  '';
  description = ''
    Virtual private networks between hosts. The name of each is that of its interface, and
    `networking.wireguard.interfaces` has what it comes to on each host.
  '';
}
