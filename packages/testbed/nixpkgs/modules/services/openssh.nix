{ config, lib, ... }:
let
  cfg = config.services.openssh;
  inherit (lib) mkOption types;

  atom = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.str
    ]
  );
  show =
    value:
    if builtins.isBool value then
      (if value then "yes" else "no")
    else if builtins.isList value then
      lib.concatMapStringsSep "," show value
    else
      toString value;
  settings = lib.filterAttrs (_: value: value != null) cfg.settings;

  keyFiles = lib.mapAttrs' (
    name: user:
    lib.nameValuePair "ssh/authorized_keys.d/${name}" {
      # sshd refuses a file below a folder that a group may write to, as the store is.
      mode = "0444";
      text = lib.concatLines user.openssh.authorizedKeys.keys;
    }
  ) (lib.filterAttrs (_: user: user.openssh.authorizedKeys.keys != [ ]) config.users.users);
in
{
  options.services.openssh = {
    enable = lib.mkEnableOption "the OpenSSH secure shell daemon";
    ports = mkOption {
      type = types.listOf types.port;
      default = [ 22 ];
      description = "Ports the daemon listens on.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = true;
      description = "Whether the firewall lets the ports through.";
    };
    settings = mkOption {
      type = types.submodule {
        freeformType = types.attrsOf (types.either atom (types.listOf atom));
      };
      default = { };
      description = "Settings of sshd_config.";
    };
    extraConfig = mkOption {
      type = types.lines;
      default = "";
      description = "Further lines of sshd_config.";
    };
  };

  config = lib.mkIf cfg.enable {
    services.openssh.settings = builtins.mapAttrs (_: lib.mkDefault) {
      PermitRootLogin = "prohibit-password";
      PasswordAuthentication = true;
      KbdInteractiveAuthentication = true;
      UsePAM = true;
      UseDns = false;
      X11Forwarding = false;
      PrintMotd = false;
    };
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall cfg.ports;

    environment.etc = keyFiles // {
      "ssh/sshd_config".text =
        lib.concatMapStrings (port: "Port ${toString port}\n") cfg.ports
        + ''
          HostKey /etc/ssh/ssh_host_ed25519_key
          AuthorizedKeysFile %h/.ssh/authorized_keys /etc/ssh/authorized_keys.d/%u
          SetEnv PATH=/run/wrappers/bin:/run/current-system/sw/bin:/usr/sbin:/usr/bin:/sbin:/bin
          Subsystem sftp internal-sftp
        ''
        + lib.concatMapAttrsStringSep "" (name: value: "${name} ${show value}\n") settings
        + cfg.extraConfig;
    };

    systemd.services.sshd = {
      description = "SSH Daemon";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      # Sessions go on while the daemon is replaced.
      stopIfChanged = false;
      restartTriggers = [ config.environment.etc."ssh/sshd_config".source ];
      preStart = ''
        mkdir -p -m 0755 /run/sshd
        [ -s /etc/ssh/ssh_host_ed25519_key ] ||
          /usr/bin/ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
      '';
      serviceConfig = {
        Type = "notify";
        ExecStart = "/usr/sbin/sshd -D -f /etc/ssh/sshd_config";
        KillMode = "process";
        Restart = "always";
      };
    };
  };
}
