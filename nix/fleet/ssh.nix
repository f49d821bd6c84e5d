# Who may log in where: one line gives the user's key to the other host, and that host's key to the user's host.
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (lib) mkOption types;
  inherit (config.ssh) access;
  namedHost = import ./lib/named-host.nix { inherit config lib options; };
  named = namedHost [
    "ssh"
    "access"
  ];

  publicKey = types.strMatching "(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+( [^\n]*)?";

  # Every access that is given: { option, from, key, to, user }.
  grants = lib.concatLists (
    lib.mapAttrsToList (
      from: host:
      lib.concatLists (
        lib.mapAttrsToList (
          key:
          { hasAccessTo, ... }:
          lib.concatLists (
            lib.mapAttrsToList (
              to: users:
              map (user: {
                option = "ssh.access.${from}.keys.${key}.hasAccessTo.${to}";
                inherit
                  from
                  key
                  to
                  user
                  ;
              }) (builtins.filter (user: users.${user}) (builtins.attrNames users))
            ) hasAccessTo
          )
        ) host.keys
      )
    ) access
  );

  authorizedKeys =
    name:
    builtins.mapAttrs (_: given: {
      openssh.authorizedKeys.keys = lib.unique (
        map (grant: access.${grant.from}.keys.${grant.key}.publicKey) given
      );
    }) (lib.groupBy (grant: grant.user) (builtins.filter (grant: grant.to == name) grants));

  destinations =
    name:
    let
      leads = grant: grant.from == name && config.hosts ? ${grant.to};
    in
    lib.unique (map (grant: grant.to) (builtins.filter leads grants));
  knownHosts =
    host:
    let
      inherit (access.${host} or { hostKeys = { }; }) hostKeys;
    in
    lib.mapAttrs' (
      key: publicKey:
      lib.nameValuePair "${host}-${key}" {
        hostNames = lib.unique ([ host ] ++ config.addresses.${host} or [ ] ++ access.${host}.hostNames);
        inherit publicKey;
      }
    ) hostKeys;
in
{
  imports = [
    ./addresses.nix
    ./hosts.nix
  ];

  options.ssh.access = mkOption {
    type = types.attrsOf (
      types.submodule {
        options = {
          hostKeys = mkOption {
            type = types.attrsOf publicKey;
            default = { };
            example.ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X";
            description = ''
              Public keys of the host's SSH daemon, as in `/etc/ssh/ssh_host_*_key.pub`; one is enough, and
              the names are free. Needed as soon as somebody has access to the host.
            '';
          };
          hostNames = mkOption {
            type = types.listOf types.str;
            default = [ ];
            example = [
              "web01.example.org"
              "[web01.example.org]:2222"
            ];
            description = ''
              Further names and addresses under which the host is known. Its name in the fleet, its `addresses`
              and its addresses in `vpn.networks` are known already.
            '';
          };
          keys = mkOption {
            type = types.attrsOf (
              types.submodule {
                options = {
                  publicKey = mkOption {
                    type = publicKey;
                    example = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X";
                    description = ''
                      The public key, as `ssh-keygen` writes it to `~/.ssh/id_ed25519.pub`. The private key stays
                      where it was made.
                    '';
                  };
                  hasAccessTo = mkOption {
                    type = types.attrsOf (types.attrsOf types.bool);
                    default = { };
                    example.nas.backup = true;
                    description = ''
                      `<host>.<user> = true` lets whoever has this key log in there as that user, and makes the
                      host known on the one that the key is on.
                    '';
                  };
                };
              }
            );
            default = { };
            description = "Keys on the host, mostly by the name of the user who has them. The names are free.";
          };
        };
      }
    );
    default = { };
    example = {
      web01.keys.alice = {
        publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X";
        hasAccessTo.nas.backup = true;
      };
      nas.hostKeys.ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPqjLJn0QvdHXJkYyFBzSuwlKGNqB1uCJvXe4jzHhzSm";
    };
    description = ''
      SSH between hosts: with `ssh.access.<host>.keys.<user>.hasAccessTo.<host2>.<user2> = true`, that user
      can run `ssh user2@host2` and is asked nothing.
    '';
  };

  config = {
    assertions =
      map (host: named "ssh.access.${host}" host) (builtins.attrNames access)
      ++ map (grant: named grant.option grant.to) grants;

    defaults =
      { name, config, ... }:
      {
        assertions =
          map (host: {
            assertion = knownHosts host != { };
            message = "ssh.access.${host}.hostKeys is empty, and ${name} needs a key of ${host} to know it. Take it from /etc/ssh/ssh_host_ed25519_key.pub of ${host}.";
          }) (destinations name)
          ++ map (grant: {
            assertion =
              grant.user == "root"
              || config.users.users.${grant.user}.isNormalUser
              || config.users.users.${grant.user}.isSystemUser;
            message = "${grant.option}.${grant.user}: ${name} has no user ${grant.user}. Define users.users.${grant.user} there.";
          }) (builtins.filter (grant: grant.to == name) grants);

        users.users = authorizedKeys name;
        programs.ssh.knownHosts = lib.mkMerge (map knownHosts (destinations name));
      };
  };
}
