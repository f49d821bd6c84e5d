# Units of Debian that a test host has no use for. The others of Debian's own units
# (journal, logind, D-Bus, ...) come from /usr/lib/systemd/system.
{
  systemd.services = {
    # Its standard input is closed, so that it would start again and again.
    console-getty.enable = false;
    systemd-firstboot.enable = false;
    systemd-networkd-wait-online.enable = false;
  };
}
