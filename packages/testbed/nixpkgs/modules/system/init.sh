#!/bin/sh
# The first process of the host: activates this system, then becomes systemd.
export PATH=/usr/bin:/usr/sbin:/bin:/sbin

systemConfig=@out@
lease=/var/lib/testbed/lease

main() {
  echo "<<< NixOS stage 2 >>>"
  ln -sfn "$systemConfig" /run/booted-system
  ensure_machine_id
  name_host
  "$systemConfig/activate"
  exec /usr/lib/systemd/systemd "$@"
}

# systemd would take a host without an id for a first boot and enable units by itself.
ensure_machine_id() {
  [ -s /etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
}

# A configuration without a host name takes the one of the lease, as from a DHCP server.
name_host() {
  [ ! -e "$systemConfig/etc/hostname" ] && [ -e "$lease" ] || return 0
  rm -f /etc/hostname
  . "$lease"
  hostname "$HOSTNAME"
}

main "$@"
