# Mistakes in how hosts are deployed that no host can see alone. Each check is a derivation, and a failure is an error of
# the evaluation, so that `nix flake check` says it without a build, with the name of the check.
{ lib, mkInventory }:
{
  # Configurations, or the inventory of a definition that has none: of that there is less to check.
  nixosConfigurations ? { },
  inventory ? mkInventory nixosConfigurations,
  pkgs,
  # The tiers that there are; null allows any.
  tiers ? null,
}:
let
  check =
    name: problems:
    pkgs.runCommand name { } (
      if problems == [ ] then
        "touch $out"
      else
        throw "${name}:\n${lib.concatMapStringsSep "\n" (problem: "  - ${problem}") problems}"
    );

  quoted = builtins.toJSON;
  forEach = f: lib.concatLists (lib.mapAttrsToList f inventory);
  inConfigurations =
    f: lib.concatLists (lib.mapAttrsToList (name: { config, ... }: f name config) nixosConfigurations);

  # What the types of the options let through, or another tool's definition.
  schema = forEach (
    name: host:
    let
      kinds = [
        "systemd"
        "tcp"
        "disk"
        "http"
        "command"
      ];
      kindsOf = healthCheck: builtins.filter (kind: healthCheck.${kind} or null != null) kinds;
      mixed = builtins.filter (healthCheck: lib.length (kindsOf healthCheck) != 1) host.healthChecks;
    in
    lib.optional (
      !isHostName name
    ) "${name}: this name in nixosConfigurations is no host name; use letters, digits and dashes"
    ++
      lib.optional (host.targetHost != null && !isAddress host.targetHost)
        "${name}: homelab.deploy.targetHost is ${quoted host.targetHost}; give a name or an address alone, and homelab.deploy.user and port where they are needed"
    ++ map (
      healthCheck:
      "${name}: homelab.deploy.healthChecks has a check of ${quoted (kindsOf healthCheck)}; each is exactly one of ${lib.concatStringsSep ", " kinds}"
    ) mixed
    ++
      lib.optional (host.rebootAt != null && host.reboot != "when-needed")
        "${name}: homelab.deploy.rebootAt is ${quoted host.rebootAt}, and homelab.deploy.reboot ${quoted host.reboot}; set it to \"when-needed\""
  );
  isHostName = name: builtins.match "[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?" name != null;
  isAddress =
    text: isHostName text || builtins.match "[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9]+)?" text != null;

  addresses =
    let
      addressOf =
        name:
        {
          connection,
          targetHost,
          port,
          ...
        }:
        let
          first = values: lib.findFirst (value: value != null) null values;
          address = first [
            connection.ssh.host
            targetHost
            name
          ];
          at = first [
            connection.ssh.port
            port
            22
          ];
        in
        "${lib.toLower address} port ${toString at}";
      byAddress = lib.groupBy (name: addressOf name inventory.${name}) (builtins.attrNames inventory);
    in
    lib.concatLists (
      lib.mapAttrsToList (
        address: names:
        lib.optional (lib.length names > 1)
          "${lib.concatStringsSep " and " names}: homelab.deploy.targetHost and port lead to ${address}; give each host an address of its own"
      ) byAddress
    );

  unknownTiers = forEach (
    name:
    { tier, ... }:
    lib.optional (tiers != null && !lib.elem tier tiers)
      "${name}: homelab.deploy.tier is ${quoted tier}; set it to one of ${
        lib.concatMapStringsSep ", " quoted tiers
      }"
  );

  # Options of NixOS and of ours that name the file of a secret. What a path of the flake comes to is in the store.
  secrets = inConfigurations (
    name: config:
    let
      inStore = value: lib.hasPrefix builtins.storeDir (toString value);
      named = option: value: lib.optional (value != null && inStore value) { inherit option value; };
      files =
        lib.concatLists (
          lib.mapAttrsToList (secret: { file, ... }: named "homelab.secrets.${secret}.file" file) (
            config.homelab.secrets or { }
          )
        )
        ++ named "services.homelab-deploy.listener.nkeyFile" (
          if config.services.homelab-deploy.listener.enable or false then
            config.services.homelab-deploy.listener.nkeyFile
          else
            null
        )
        ++ named "homelab.services.harmonia.signingKeyFile" (
          config.homelab.services.harmonia.signingKeyFile or null
        )
        ++ lib.concatLists (
          lib.mapAttrsToList (
            interface:
            { privateKeyFile, ... }:
            named "networking.wireguard.interfaces.${interface}.privateKeyFile" privateKeyFile
          ) (config.networking.wireguard.interfaces or { })
        );
    in
    map (
      { option, value }:
      "${name}: ${option} is ${quoted (toString value)}, which everybody on that host can read; name a file on the host, such as \"/run/secrets/…\", in quotes"
    ) files
  );

  # A host that asks a cache of the fleet must trust what that cache signs.
  cacheKeys =
    let
      caches = lib.filter (cache: cache.enable or false) (
        lib.mapAttrsToList (_: { config, ... }: config.homelab.services.harmonia or { }) nixosConfigurations
      );
      cachesAt =
        url:
        builtins.filter (
          cache: builtins.match "[a-z0-9+-]+://${lib.escapeRegex cache.domain}([:/?].*)?" url != null
        ) caches;
      keyOf = cache: if cache.publicKey or null != null then cache.publicKey else "${cache.domain}-1:";
    in
    inConfigurations (
      name: config:
      let
        settings = config.nix.settings or { };
        trusts = key: lib.any (lib.hasPrefix key) (settings.trusted-public-keys or [ ]);
      in
      lib.concatMap (
        url:
        map (
          cache:
          "${name}: nix.settings.substituters has ${quoted url}, and nix.settings.trusted-public-keys not its key, so that all it has is refused; add ${keyOf cache}… to homelab.nixCache.publicKeys"
        ) (builtins.filter (cache: !trusts (keyOf cache)) (cachesAt url))
      ) (settings.substituters or [ ])
    );
in
builtins.mapAttrs check {
  deploy-schema = schema;
  deploy-addresses = addresses;
  deploy-tiers = unknownTiers;
  deploy-secrets = secrets;
  deploy-cache-keys = cacheKeys;
}
